"""LoRA adapters: data read and rendered, a plan, the training itself (Hu et al. 2021, arXiv:2106.09685)."""
