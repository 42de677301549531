"""Rule sets of any content, for hypothesis: odd text, odd numbers, and every class that a rule set may hold."""

from __future__ import annotations

from hypothesis import strategies as st

from detector.model.correlation import Correlation
from detector.model.level import Level
from detector.model.loss import Loss, LossKind
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    Comparison,
    Exists,
    FieldRef,
    FieldTest,
    IsNull,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    Test,
    TimePart,
    Wildcard,
)
from detector.model.rule import Action, LogSource, Phase, Role, Rule, RuleSet
from detector.rules.serial_classes import Loaded

#: Half surrogate pairs too: YAML can spell them, and file names can hold them.
TEXT = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=5)

likes = st.builds(Like, st.lists(TEXT | st.sampled_from(Wildcard), max_size=3).map(tuple), st.booleans())
regexes = st.builds(Regex, TEXT, st.sampled_from(["", "i", "ims"]))
tests: st.SearchStrategy[Test] = st.one_of(
    likes,
    regexes,
    st.builds(Cidr, TEXT),
    st.builds(Compare, st.sampled_from(Comparison), st.floats() | st.integers() | st.just(-0.0)),
    st.from_type(TimePart),
    st.just(IsNull()),
    st.builds(Exists, st.booleans()),
    st.builds(FieldRef, TEXT, TEXT, st.booleans()),
)
leaves: st.SearchStrategy[Predicate] = st.builds(FieldTest, TEXT, tests) | st.builds(KeywordTest, likes | regexes)
predicates: st.SearchStrategy[Predicate] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)
rules = st.builds(
    Rule,
    id=TEXT,
    title=TEXT,
    level=st.sampled_from(Level),
    logsource=st.builds(LogSource, TEXT, TEXT, TEXT),
    predicate=predicates,
    role=st.sampled_from(Role),
    tool=st.none() | TEXT,
    phase=st.none() | st.sampled_from(Phase),
    action=st.none() | st.sampled_from(Action),
    tags=st.lists(TEXT, max_size=3).map(tuple),
    path=TEXT,
    text=TEXT,
    correlation=st.none() | st.from_type(Correlation),
)
losses = st.builds(Loss, st.sampled_from(LossKind), TEXT, TEXT, st.integers())
loaded = st.builds(
    Loaded,
    st.builds(
        RuleSet,
        st.lists(rules, max_size=3).map(tuple),
        TEXT,
        st.lists(rules, max_size=3).map(tuple),
    ),
    st.lists(losses, max_size=3).map(tuple),
)
