import pytest

from bridge.core.model import Piece
from bridge.platforms.telegram.markup import rendered
from tests.judges.tdlib import Verdict, judged
from tests.markdown.corpus import DOCUMENTS
from tests.markdown.documents import cuts, documents
from tests.markdown.visible import has_ink, lost, lost_of_document


def shown(markdown: str) -> Verdict:
    """What Telegram makes of what the bridge makes of a text."""
    text, entities = rendered(Piece(markdown))
    if not text.strip():
        return Verdict()  # a message of nothing is not sent
    return judged(text, [entity.to_dict() for entity in entities])


def check(markdown: str) -> None:
    verdict = shown(markdown)
    if verdict.refusal == "text must be non-empty" and not has_ink(markdown):
        return  # nor can it be sent in any other way
    assert not verdict.refusal, (verdict.refusal, markdown)
    assert not verdict.dropped, (verdict.dropped, markdown)
    missing = lost(markdown, verdict.text)
    assert not missing, (missing, markdown, verdict.text)


@pytest.mark.parametrize("at", range(len(DOCUMENTS)))
def test_a_document_is_taken_and_all_of_it_shown(at):
    check(DOCUMENTS[at])
    verdict = shown(DOCUMENTS[at])
    missing = lost_of_document(DOCUMENTS[at], verdict.text)
    assert not missing, (missing, DOCUMENTS[at], verdict.text)


@pytest.mark.parametrize("seed", range(20))
def test_a_thousand_random_texts_are_taken_and_lose_nothing(seed):
    for markdown in documents(seed, 1000):
        check(markdown)


@pytest.mark.parametrize("seed", range(10))
def test_five_hundred_texts_cut_in_mid_stream_are_taken_and_lose_nothing(seed):
    for markdown in cuts(seed, 500):
        check(markdown)
