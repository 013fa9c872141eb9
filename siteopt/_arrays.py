"""Array types by element: one name each, for annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray
    from scipy import sparse

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.int64]
    Bools: TypeAlias = NDArray[np.bool_]
    Texts: TypeAlias = NDArray[np.str_]
    Matrix: TypeAlias = sparse.csr_array[np.float64]
