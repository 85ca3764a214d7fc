"""All signs of which a text can be made, by their categories: for the codec Hypothesis takes a second."""

from hypothesis import strategies as st

SIGNS = st.characters(exclude_categories=["Cs"])
