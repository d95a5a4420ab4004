"""The ground truth beside an image: corpus/real/VARIANT/truth.json."""

import json
import os


def locate(image):
    """(variant, phase, truth) of corpus/real/VARIANT/PHASE.elf.zst."""
    folder, name = os.path.split(os.path.abspath(image))
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as file:
        return os.path.basename(folder), name.split(".")[0], json.load(file)
