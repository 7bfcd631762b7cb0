"""Rules of air law and safety as data, what they are asked of, and what comes of it.

``records`` holds what a rule is, ``facts`` what is computed of a launch, ``declared`` what the
crew enters, ``findings`` the answer. The rules of each jurisdiction are a file of their own in
``data``. Nothing here says that a launch is legal: it says what was computed, what stands open, and
who has to decide.
"""
