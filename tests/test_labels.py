"""Names of clusters a reader recognises, and what stands in where there is no text."""

from __future__ import annotations

import numpy as np

from monitor.labels import Label, cluster_labels, term_weights, words

DISHES = {
    0: ["Pizza, cheese, thin crust", "Pizza with sausage, thick crust", "Pizza, cheese, stuffed"],
    1: ["Soup, tomato, canned", "Chicken soup, canned", "Vegetable soups with cheese"],
    2: ["Fish, cod, baked", "Fish, trout, raw", "Fish with cheese", "Trout, raw"],
    3: ["Apple juice", "Orange juice with cheese", "Juice, grape", "Apple and grape juice"],
}


def dishes():
    """The texts and their clusters."""
    texts = [text for part in DISHES.values() for text in part]
    return texts, np.repeat(list(DISHES), [len(part) for part in DISHES.values()])


def test_a_reader_recognises_the_clusters():
    """Pizza, soup, fish and juice by name, and cheese, which is everywhere, in none."""
    found = cluster_labels(*dishes(), 4)
    assert [label.text for label in found] == [
        "pizza, crust",
        "soup, canned",
        "fish, raw, trout",
        "juice, apple, grape",
    ]
    assert found[0] == Label("pizza, crust", ("pizza", "crust"), "text")


def test_the_order_of_rows_does_not_matter():
    """The same rows in another order have the same labels."""
    texts, clusters = dishes()
    order = np.random.default_rng(0).permutation(len(texts))
    shuffled = cluster_labels([texts[i] for i in order], clusters[order], 4)
    assert shuffled == cluster_labels(texts, clusters, 4)


def test_the_weights_are_those_of_the_paper():
    """tf · log(1 + A / f) by hand: share of the cluster's words, mean words a cluster."""
    counts = np.array([[3, 1, 0], [1, 0, 4]])
    expected = [
        [3 / 4 * np.log(1 + 4.5 / 4), 1 / 4 * np.log(1 + 4.5 / 1), 0],
        [1 / 5 * np.log(1 + 4.5 / 4), 0, 4 / 5 * np.log(1 + 4.5 / 4)],
    ]
    np.testing.assert_allclose(term_weights(counts), expected)
    assert term_weights(np.zeros((2, 0), np.int64)).shape == (2, 0)


def test_one_long_text_does_not_name_a_cluster():
    """A word counts once a text, and must stand in two texts."""
    texts = ["spam " * 500, "rye bread", "white bread", "green tea", "black tea"]
    found = cluster_labels(texts, np.array([0, 0, 0, 1, 1]), 2, terms=1)
    assert [label.text for label in found] == ["bread", "tea"]


def test_labels_that_would_be_the_same_are_told_apart():
    """The second cluster with the same first word shows one more."""
    texts = ["cheese cake", "cheese cake", "cake cheese fruit", "fruit cake cheese", "cake"]
    found = cluster_labels(texts, np.array([0, 0, 1, 1, 1]), 2, terms=2)
    assert len({label.text for label in found}) == 2
    same = cluster_labels(["tea", "tea", "tea", "tea"], np.array([0, 0, 1, 1]), 2)
    assert [label.text for label in same] == ["tea", "tea"]


def test_without_text_a_value_most_rows_share_is_the_name():
    """The column with the larger share wins; below half there is none, and the medoid speaks."""
    columns = {
        "kind": ["survey", "legacy", "survey", "a", "b", None],
        "label": ["Pizza", "Pizza", "Pizza", "c", None, None],
    }
    found = cluster_labels(
        [None] * 6,
        np.array([0, 0, 0, 1, 1, 1]),
        3,
        columns=columns,
        ids=["r0", "r1", "r2", "r3", "r4", "r5"],
        distances=np.array([3.0, 2, 1, 3, 1, 2]),
    )
    assert found == [
        Label("Pizza", ("Pizza",), "column"),
        Label("r4", ("r4",), "medoid"),
        Label("cluster 2", (), "number"),
    ]


def test_texts_without_words_count_as_none():
    """Numbers, stop words, single letters and empty texts name nothing."""
    found = cluster_labels(["12 %", "the of", "", "a b"], np.zeros(4, int), 1, ids=list("wxyz"))
    assert found == [Label("w", ("w",), "medoid")]


def test_words_of_any_script_and_no_control_characters():
    """Letters of every alphabet are words; what steers a page or a terminal is not."""
    assert words("Müsli\u202e <b>bold</b>\x1b[31m 饺子 суп_борщ x1y2") == {
        "müsli",
        "bold",
        "饺子",
        "суп",
        "борщ",
    }
    assert words(None) == words("") == set()


def test_no_rows_and_no_clusters():
    """Empty input gives empty or numbered labels."""
    none = np.array([], int)
    assert cluster_labels([], none, 0) == []
    assert cluster_labels([], none, 1) == [Label("cluster 0", (), "number")]
