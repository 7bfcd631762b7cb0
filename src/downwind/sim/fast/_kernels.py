"""Loads, stores and conversions that LLVM can put into vector instructions.

Numba says nothing to LLVM about which arrays may overlap, and then no loop with an indexed read
and a store becomes a vector loop. Here reads of the wind carry one alias scope, and reads and
writes of the lanes say that they do not touch it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_I16, _I32, _I64, _F32 = ir.IntType(16), ir.IntType(32), ir.IntType(64), ir.FloatType()


def _scope(module):
    """Return the one alias scope of a module: memory that the loop only reads."""
    if not hasattr(module, "downwind_scope"):
        domain = module.add_metadata([ir.MetaDataString(module, "downwind domain")])
        scope = module.add_metadata([ir.MetaDataString(module, "downwind tables"), domain])
        module.downwind_scope = module.add_metadata([scope])
    return module.downwind_scope


def _at(builder, address, index, kind):
    return builder.gep(builder.inttoptr(address, kind.as_pointer()), [index])


def _loader(kind, llvm_kind, index_kind, metadata, alignment):
    def load(context, address, index):
        def generate(context, builder, signature, args):
            where = args[1]
            if index_kind is types.int32:
                where = builder.sext(where, _I64)
            loaded = builder.load(_at(builder, args[0], where, llvm_kind))
            loaded.align = alignment
            loaded.set_metadata(metadata, _scope(builder.module))
            return loaded

        return kind(types.intp, index_kind), generate

    return intrinsic(load)


table_f32: Any = _loader(types.float32, _F32, types.int32, "alias.scope", 4)
"""Read entry ``index`` (int32) of a read-only float32 table at ``address``."""

table_i32: Any = _loader(types.int32, _I32, types.int32, "alias.scope", 4)
"""Read entry ``index`` (int32) of a read-only int32 table at ``address``."""

lane_f32: Any = _loader(types.float32, _F32, types.intp, "noalias", 4)
"""Read float32 number ``index`` of the lanes at ``address``."""

lane_i32: Any = _loader(types.int32, _I32, types.intp, "noalias", 4)
"""Read int32 number ``index`` of the lanes at ``address``."""


def _table_pair(context, address, index):
    """Read entries ``index`` and ``index`` + 1 of an int16 table as one int32, whole or half way.

    The address of the pair is a multiple of two bytes, not of four.
    """

    def generate(context, builder, signature, args):
        where = _at(builder, args[0], builder.sext(args[1], _I64), _I16)
        loaded = builder.load(builder.bitcast(where, _I32.as_pointer()))
        loaded.align = 2
        loaded.set_metadata("alias.scope", _scope(builder.module))
        return loaded

    return types.int32(types.intp, types.int32), generate


table_pair: Any = intrinsic(_table_pair)


def _storer(kind, llvm_kind):
    def store(context, address, index, value):
        def generate(context, builder, signature, args):
            stored = builder.store(args[2], _at(builder, args[0], args[1], llvm_kind))
            stored.set_metadata("noalias", _scope(builder.module))
            return context.get_dummy_value()

        return types.void(types.intp, types.intp, kind), generate

    return intrinsic(store)


put_f32: Any = _storer(types.float32, _F32)
"""Write float32 number ``index`` of the lanes at ``address``."""

put_i32: Any = _storer(types.int32, _I32)
"""Write int32 number ``index`` of the lanes at ``address``."""


def _low_part(context, pair):
    """Return 65 536 times the lower int16 of an int32, as float32."""

    def generate(context, builder, signature, args):
        return builder.sitofp(builder.shl(args[0], ir.Constant(_I32, 16)), _F32)

    return types.float32(types.int32), generate


def _whole(context, pair):
    """Return an int32 as float32: the upper int16 and, as its fraction, the lower one."""

    def generate(context, builder, signature, args):
        return builder.sitofp(args[0], _F32)

    return types.float32(types.int32), generate


def _high_part(context, pair):
    """Return 65 536 times the upper int16 of an int32, as float32."""

    def generate(context, builder, signature, args):
        bits = builder.and_(args[0], ir.Constant(_I32, -65_536))
        return builder.sitofp(bits, _F32)

    return types.float32(types.int32), generate


low_part: Any = intrinsic(_low_part)
whole: Any = intrinsic(_whole)
high_part: Any = intrinsic(_high_part)


def _floor_i32(context, x):
    """Return the greatest integer that is not above a float32."""

    def generate(context, builder, signature, args):
        floor = builder.module.declare_intrinsic("llvm.floor", [_F32])
        return builder.fptosi(builder.call(floor, args), _I32)

    return types.int32(types.float32), generate


floor_i32: Any = intrinsic(_floor_i32)


def _prefer_wide_vectors(context):
    """Ask LLVM to use vectors of 512 bits in the calling function where the processor has them.

    For many processors LLVM prefers 256 bits, to keep the clock up in code that is not all vector
    code; this loop is. Elsewhere the wish has no effect.
    """

    def generate(context, builder, signature, args):
        # llvmlite checks names against a list of its own, which has no string attributes
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


prefer_wide_vectors: Any = intrinsic(_prefer_wide_vectors)
