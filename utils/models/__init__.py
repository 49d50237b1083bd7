"""Models by name, their shapes and published counts, and small ones made here.

loading             tokenizer and model by name; what labs use is named here too
specs               the shape of a transformer, and its number of parameters by formula
published           published shapes of named models, each with its source
registry            the shape behind a model's name
from_spec           untrained models of a shape, and on the meta device to count without memory
quantize            matrices in few bits
number_formats      FP32 to NF4 bit by bit: the value of a code, the code of a value
small_transformers  a small GPT, and a small transformer of each architecture
infilling           gaps in a text, and how each architecture fills them
"""

from utils.models.loading import LOAD_PRECISIONS, LanguageModel, adapted, bf16_is_faster, load

__all__ = ["LOAD_PRECISIONS", "LanguageModel", "adapted", "bf16_is_faster", "load"]
