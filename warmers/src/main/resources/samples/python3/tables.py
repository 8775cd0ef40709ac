"""A search function that is slow to start: imports much, then builds its index.

The index maps each word to the documents that hold it, with scores: about 50 MB, built
before the first event as real functions load dictionaries, models and price lists. One
event then looks up a word or two. Handler: tables.handler; event: {"query": "some words"}
"""

import asyncio
import concurrent.futures
import decimal
import email.message
import http.client
import json
import math
import sqlite3
import time
import xml.etree.ElementTree as ElementTree

_SYLLABLES = ("ka", "ri", "to", "me", "lu", "san", "vor", "ne", "pi", "dra", "ol", "gut")
_WORDS = 75_000
_DOCUMENTS = 20_000


def _word(number):
    """Spells a number in syllables, so that equal numbers give equal words."""
    letters = []
    while True:
        number, digit = divmod(number, len(_SYLLABLES))
        letters.append(_SYLLABLES[digit])
        if not number:
            return "".join(letters)


def _build():
    index = {}
    lengths = [0.0] * _DOCUMENTS
    state = 1
    for number in range(_WORDS):
        postings = []
        for _ in range(4):
            # A linear congruential step: the same table at every start, without a seed.
            state = (state * 1103515245 + 12345) % 2147483648
            document, score = state % _DOCUMENTS, math.log1p(state / 2147483648)
            lengths[document] += score * score
            postings.append((document, score))
        index[_word(number)] = postings
    for postings in index.values():
        postings[:] = [
            (document, score / math.sqrt(lengths[document])) for document, score in postings
        ]
        postings.sort(key=lambda posting: -posting[1])
    return index


_started = time.perf_counter()
_INDEX = _build()
_BUILD_SECONDS = time.perf_counter() - _started
_LIBRARIES = [
    module.__name__
    for module in (
        asyncio, concurrent.futures, decimal, email.message, http.client, json, sqlite3,
        ElementTree,
    )
]


def handler(event, context):
    """Returns the best documents for the words of the query."""
    scores = {}
    for word in event.get("query", "kari").split():
        for document, score in _INDEX.get(word, ()):
            scores[document] = scores.get(document, 0) + score
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:5]
    return {
        "documents": [{"id": document, "score": round(score, 6)} for document, score in best],
        "words": len(_INDEX),
        "libraries": len(_LIBRARIES),
        "buildMs": round(_BUILD_SECONDS * 1000),
    }
