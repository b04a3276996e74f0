"""What the command lines of `run` and `sync` have in common."""

import argparse


def one_of(known):
    def parse(text):
        for name in text.split(","):
            if name not in known:
                raise argparse.ArgumentTypeError(f"'{name}': expected one or more of {', '.join(known)}")
        return text.split(",")
    return parse


def number(kind, low, high):
    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"expected a number from {low} to {high}, got '{text}'")
        return value
    return parse
