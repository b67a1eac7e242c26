

ALLOWED_HOSTS = "YANRAY_ALLOW_HOSTS"  # told to the worker: hosts in private networks, with commas between
