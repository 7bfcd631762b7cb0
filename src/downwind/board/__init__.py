"""The board: which site, which hour, which setting, or not at all, and why.

``screen`` looks at every cell by the flights of the search, ``certify`` flies those that could come
out GO again with draws that the search has not used, ``solve`` puts both and the rules together.
"""
