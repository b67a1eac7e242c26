"""Tell battery, processor, memory and disk of this machine."""

from __future__ import annotations

import os
import platform
import re
import time
from pathlib import Path

import psutil

from yanray.toolbox.api import chinese

EXAMPLES = {
    "battery": "battery 80 %, charging",
    "disk": "disk: 120 GB free (40 % used)",
    "内存": "内存：共 16 GB，可用 9.5 GB",
}

_THROTTLED = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")  # of a Raspberry Pi
_PARTS = {
    "battery": r"batter|charg|power|plug|电|充",
    "cpu": r"cpu|processor|core|load|busy|temp|heat|hot|throttl|fan|处理器|温度|负载|占用|热|cpu",
    "memory": r"memor|\bram\b|swap|内存",
    "disk": r"dis[ck]|storage|space|drive|ssd|磁盘|硬盘|存储|空间",
    "uptime": r"uptime|running|boot|开机|运行",
    "machine": r"machine|computer|version|python|\bos\b|kernel|model|机器|电脑|系统",
}


def run(what: str = "") -> str:
    """Tell how this machine is.

    what: battery, cpu (use, temperature, throttling), memory, disk, uptime, machine; nothing: the first four.
    """
    text = what[:200].lower()
    han = chinese(text)
    everything = not text.strip() or re.fullmatch(
        r"all|everything|status|system|全部|状态|系统状态", text.strip()
    )
    asked = [name for name, words in _PARTS.items() if not everything and re.search(words, text)]
    if everything:
        asked = ["battery", "cpu", "memory", "disk"]
    if not asked:
        raise ValueError(f"{what[:60]!r} is not known; write battery, cpu, memory, disk, uptime or machine")
    tell = {
        "battery": _battery,
        "cpu": _cpu,
        "memory": _memory,
        "disk": _disk,
        "uptime": _uptime,
        "machine": _machine,
    }
    return "\n".join(tell[name](han) for name in asked)


def _battery(han: bool) -> str:
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is None:
        return "没有电池，使用外接电源" if han else "no battery, on mains power"
    percent = round(battery.percent)
    if battery.power_plugged:
        full = percent >= 99
        return (
            f"电量 {percent}%，{'已充满' if full else '正在充电'}"
            if han
            else f"battery {percent} %, {'full' if full else 'charging'}"
        )
    left = ""
    if battery.secsleft and battery.secsleft > 0:
        hours, minutes = divmod(round(battery.secsleft / 60), 60)
        left = f"，还可用 {hours}:{minutes:02} 小时" if han else f", {hours}:{minutes:02} h left"
    return f"电量 {percent}%，未充电{left}" if han else f"battery {percent} %, on battery{left}"


def _cpu(han: bool) -> str:
    busy = round(psutil.cpu_percent(interval=0.3))
    parts = [f"处理器占用 {busy}%" if han else f"cpu {busy} % busy"]
    degrees = _temperature()
    if degrees is not None:
        parts.append(f"温度 {degrees:.0f} °C" if han else f"{degrees:.0f} °C")
    if hasattr(os, "getloadavg"):
        cores = psutil.cpu_count() or 1
        load = os.getloadavg()[0]
        parts.append(f"负载 {load:.1f}（{cores} 核）" if han else f"load {load:.1f} on {cores} cores")
    return ("，" if han else ", ").join([*parts, *_throttling(han)])


def _temperature() -> float | None:
    """Degrees Celsius of the processor, where the system tells them."""
    groups = psutil.sensors_temperatures() if hasattr(psutil, "sensors_temperatures") else {}
    for name in ("coretemp", "k10temp", "cpu_thermal", "cpu-thermal", "soc_thermal", "acpitz", *groups):
        for sensor in groups.get(name, ()):
            if sensor.current and sensor.current > 0:
                return float(sensor.current)
    return None


def _throttling(han: bool) -> list[str]:
    """What a Raspberry Pi says of its power and heat: bits 0-3 now, 16-19 since boot.

    Source: https://www.raspberrypi.com/documentation/computers/os.html#get_throttled
    """
    try:
        bits = int(_THROTTLED.read_text(), 16)
    except (OSError, ValueError):
        return []
    names = (
        ("under-voltage", "frequency capped", "throttled", "hot"),
        ("电压不足", "频率受限", "已降频", "过热"),
    )
    now = [name for bit, name in enumerate(names[han]) if bits >> bit & 1]
    before = [name for bit, name in enumerate(names[han]) if bits >> (bit + 16) & 1 and not bits >> bit & 1]
    since = [f"{name}（开机以来有过）" if han else f"{name} since boot" for name in before]
    return [*now, *since] or ["未降频" if han else "not throttled"]


def _memory(han: bool) -> str:
    memory = psutil.virtual_memory()
    free, total = _gb(memory.available), _gb(memory.total)
    return f"内存：共 {total} GB，可用 {free} GB" if han else f"memory: {free} of {total} GB free"


def _disk(han: bool) -> str:
    disk = psutil.disk_usage(str(Path.home()))
    free, used = _gb(disk.free), round(disk.percent)
    return f"磁盘：剩余 {free} GB（已用 {used}%）" if han else f"disk: {free} GB free ({used} % used)"


def _uptime(han: bool) -> str:
    minutes = int(time.time() - psutil.boot_time()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if han:
        return f"已开机 {days} 天 {hours} 小时 {minutes} 分钟"
    return f"up for {days} days, {hours} hours, {minutes} minutes"


def _machine(han: bool) -> str:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    cores = psutil.cpu_count() or 1
    return f"{system}，{cores} 核" if han else f"{system}, {cores} cores"


def _gb(size: int) -> str:
    """Gigabytes of 10^9 bytes, with a decimal below 20."""
    value = size / 1e9
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}"
