"""Model fields that are sealed in the database and opened when they are read.

A row that is loaded carries the sealed bytes; they are opened when the attribute is first asked for. `values()` gives the
sealed value itself, which says only that it is sealed. There is no searching in sealed columns: keep a fingerprint beside.
"""

from __future__ import annotations

import base64
import json
from typing import Any, cast

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from gongkai.core.privacy import sealing

SAID = "（已加密保存）"


class Sealed:
    """A sealed value as it stands in the database."""

    __slots__ = ("field", "token")

    def __init__(self, token: bytes, field: SealedField) -> None:
        self.token, self.field = token, field

    def open(self) -> Any:
        """The value itself. Raises KeyFault and Tampered."""
        return self.field.decode(sealing.unseal(self.token, self.field.context))

    def __str__(self) -> str:
        return SAID

    __repr__ = __str__


class _Opening(DeferredAttribute):
    """Opens the value when it is asked for."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = instance.__dict__.get(self.field.attname, self)
        if value is self:
            value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = instance.__dict__[self.field.attname] = value.open()
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):
    """What sealed fields have in common. `context` binds values to their place: keep it when a model is renamed."""

    descriptor_class = _Opening
    # Acts leave such columns out of what they write down.
    private = True
    # For the type checker: what is read and written are no bytes.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        self._given_context = context
        super().__init__(*args, **kwargs)

    @property
    def context(self) -> str:
        """The place values are bound to."""
        return self._given_context or f"{self.model._meta.label_lower}.{self.name}"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self._given_context:
            kwargs["context"] = self._given_context
        return name, path, args, kwargs

    def encode(self, value: Any) -> bytes:
        """A value as bytes."""
        raise NotImplementedError

    def decode(self, data: bytes) -> Any:
        """The value of these bytes."""
        raise NotImplementedError

    def get_default(self) -> Any:
        # Not the empty bytes a BinaryField would give.
        return models.Field.get_default(self) if self.has_default() or self.null else self.decode(b"")

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        """Sealed still."""
        return None if value is None else Sealed(bytes(value), self)

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        """What was never opened goes back as it came."""
        return model_instance.__dict__.get(self.attname)

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is None:
            return None
        if isinstance(value, Sealed):
            return value.token
        if isinstance(value, bytes):  # what migrations give to rows that are there already
            value = self.decode(value)
        return sealing.seal(self.encode(value), self.context)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: Any) -> str:
        """Sealed, also where Django writes rows down."""
        value = obj.__dict__.get(self.attname)
        return "" if value is None else base64.b64encode(self.get_prep_value(value) or b"").decode("ascii")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: it cannot be searched, keep a fingerprint beside it")
        return super().get_lookup(lookup_name)


class SealedTextField(SealedField):
    """Text that is sealed."""

    def encode(self, value: Any) -> bytes:
        return str(value).encode()

    def decode(self, data: bytes) -> str:
        return data.decode()


class SealedJSONField(SealedField):
    """A JSON value that is sealed; a dict unless something else is given."""

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def decode(self, data: bytes) -> Any:
        return json.loads(data) if data else {}


class FingerprintField(models.CharField):
    """What `fingerprint()` made of a sealed value, to find the same one again. Not written into events either."""

    private = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("db_index", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        # Django leaves out what is its own default, which is not ours.
        return name, path, args, {**kwargs, "db_index": cast(Any, self).db_index}
