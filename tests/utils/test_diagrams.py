"""Diagrams: what is drawn is there, in the figure's style."""

from utils import diagrams, plotting


def test_a_diagram_holds_its_boxes_words_and_arrows():
    axes = diagrams.canvas(10, 4, 2.0)
    diagrams.box(axes, 1, 1, 3, 2, "encoder", "data")
    diagrams.box(axes, 6, 1, 3, 2, "decoder")
    diagrams.arrow(axes, (4, 2), (6, 2))
    picture = plotting.show(axes.figure, "An encoder box with an arrow to a decoder box.")
    assert [text.get_text() for text in axes.texts] == ["encoder", "decoder", ""]
    assert len(axes.patches) == 2
    assert not axes.axison
    assert picture.svg.startswith("<?xml")
