"""Compares what two clones draw from NumPy's generators."""

import json
import os

import numpy
from _rekindle import renewal

generator = numpy.random.default_rng(1)
state = numpy.random.RandomState(2)
sequence = numpy.random.SeedSequence(3)
child = sequence.spawn(1)[0]
held = numpy.random.PCG64(4)


def _spawned(seeds):
    return int(seeds.spawn(1)[0].generate_state(1)[0])


def _seeds_of(bit_generator):
    # Generator.spawn() takes its children from there; NumPy 1.24 has only the second name.
    return getattr(bit_generator, "seed_seq", None) or bit_generator._seed_seq


def _draws():
    return {
        "module": float(numpy.random.random()),
        "generator": float(generator.random()),
        "normal": float(generator.normal()),
        "state": float(state.random_sample()),
        "bit generator": int(held.random_raw()),
        "sequence": int(sequence.generate_state(1)[0]),
        "sequence's child": int(child.generate_state(1)[0]),
        "spawned by the sequence": _spawned(sequence),
        "spawned by the generator": _spawned(_seeds_of(generator.bit_generator)),
        "spawned by the bit generator": _spawned(_seeds_of(held)),
    }


def _pair(renew):
    values = []
    for number in (1, 2):
        reader, writer = os.pipe()
        if os.fork() == 0:
            if renew:
                renewal.renew({"entropy": "%02x" % number * 64})
            os.write(writer, json.dumps(_draws()).encode())
            os._exit(0)
        os.close(writer)
        with open(reader) as answer:
            values.append(json.load(answer))
        os.wait()
    return [source for source in values[0] if values[0][source] == values[1][source]]


def handler(event, context):
    renewal.prepare()
    return {"frozen": len(_pair(False)), "renewed": _pair(True), "all": len(_draws())}
