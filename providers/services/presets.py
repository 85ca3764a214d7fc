"""Presets: services that speak OpenAI's protocol, each a few lines of data; a key, or an address, offers the provider.

GROQ_API_KEY is the key of the preset `groq`, GROQ_BASE_URL another address for it, GROQ_MODEL its model. Addresses as
the services' own documents have them, models and their ends as litellm 1.109.1 lists them
(model_prices_and_context_window_backup.json); looked up 2026-11-22.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

REMOTE_TOKENS = 128_000  # what models of services take at least, where the list of models does not say it
LOCAL_TOKENS = 16_000


@dataclass(frozen=True, slots=True)
class Preset:
    """A service at its address.

    `preferred` may answer where the operator named no model and the service lists them, the best one first; without it
    the first one listed does. `models` are those of a service that lists none. `list_path` is where the list is, below
    the origin, if not at /models below the address. `ends`: the day on which a model is switched off.
    `hears`: the model that writes down recordings, where the service has OpenAI's endpoint for that;
    `draws` the one that makes pictures, `speaks` the one that reads aloud.
    """

    id: str
    label: str
    base_url: str
    preferred: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    list_path: str = ""
    ends: Mapping[str, str] = field(default_factory=dict)
    context_tokens: int = REMOTE_TOKENS
    hears: str = ""
    draws: str = ""
    speaks: str = ""

    @property
    def prefix(self) -> str:
        """How its variables begin."""
        return f"{self.id.upper()}_"


REMOTE = (
    Preset("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", preferred=("openrouter/auto",)),
    Preset(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        preferred=("openai/gpt-oss-120b", "openai/gpt-oss-20b"),
        hears="whisper-large-v3-turbo",
    ),
    Preset(
        "deepseek",
        "DeepSeek",
        "https://api.deepseek.com/v1",
        preferred=("deepseek-flash", "deepseek-v4-flash"),
        ends=dict.fromkeys(("deepseek-chat", "deepseek-reasoner"), "2026-07-24"),
    ),
    Preset(
        "mistral",
        "Mistral",
        "https://api.mistral.ai/v1",
        preferred=("mistral-small-latest", "mistral-medium-latest"),
        hears="voxtral-mini-latest",
    ),
    Preset("xai", "xAI", "https://api.x.ai/v1", preferred=("grok-4.3", "grok-4.7"), draws="grok-imagine-image-2.0"),
    Preset(
        "together",
        "Together AI",
        "https://api.together.xyz/v1",
        preferred=("openai/gpt-oss-120b",),
        hears="openai/whisper-large-v3",
        draws="black-forest-labs/FLUX.1-schnell",
    ),
    Preset("cerebras", "Cerebras", "https://api.cerebras.ai/v1", preferred=("gpt-oss-120b", "gemma-4-31b")),
    Preset(
        "fireworks",
        "Fireworks AI",
        "https://api.fireworks.ai/inference/v1",
        preferred=("accounts/fireworks/models/glm-5p3-flash", "accounts/fireworks/models/deepseek-v4p1-flash"),
        ends={"accounts/fireworks/models/gpt-oss-120b": "2026-11-07"},
    ),
    Preset(
        "perplexity",
        "Perplexity",
        "https://api.perplexity.ai",
        models=("sonar", "sonar-pro", "sonar-reasoning-pro", "sonar-deep-research"),
    ),
    Preset("nvidia", "NVIDIA", "https://integrate.api.nvidia.com/v1", preferred=("openai/gpt-oss-120b",)),
    Preset(
        "github_models",
        "GitHub Models",
        "https://models.github.ai/inference",
        preferred=("openai/gpt-5.4-mini", "openai/gpt-4.1-mini"),
        list_path="/catalog/models",
    ),
    Preset("moonshot", "Moonshot AI", "https://api.moonshot.ai/v1", preferred=("kimi-k2.6", "kimi-k3.1-pro")),
    Preset("zai", "Z.AI", "https://api.z.ai/api/paas/v4", preferred=("glm-5.3-flash", "glm-4.7-flash")),
    Preset(
        "dashscope",
        "Qwen",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        preferred=("qwen3.8-flash", "qwen-flash", "qwen-plus"),
    ),
    Preset("huggingface", "Hugging Face", "https://router.huggingface.co/v1", preferred=("openai/gpt-oss-120b",)),
    Preset("sambanova", "SambaNova", "https://api.sambanova.ai/v1", preferred=("gpt-oss-120b",)),
    Preset("novita", "Novita AI", "https://api.novita.ai/openai/v1", preferred=("openai/gpt-oss-120b",)),
    Preset(
        "hyperbolic",
        "Hyperbolic",
        "https://api.hyperbolic.xyz/v1",
        preferred=("openai/gpt-oss-120b", "meta-llama/Llama-3.3-70B-Instruct"),
    ),
    Preset(
        "deepinfra",
        "DeepInfra",
        "https://api.deepinfra.com/v1/openai",
        preferred=("openai/gpt-oss-120b",),
        hears="openai/whisper-large-v3-turbo",
        draws="black-forest-labs/FLUX-1-schnell",
        speaks="hexgrad/Kokoro-82M",
    ),
    Preset(
        "cohere",
        "Cohere",
        "https://api.cohere.ai/compatibility/v1",
        preferred=("command-a-plus-05-2026", "command-a-03-2025"),
    ),
)

LOCAL = (  # servers of the operator's own: an address offers them, a key is for a proxy in front of them
    Preset("lmstudio", "LM Studio", "http://localhost:1234/v1", context_tokens=LOCAL_TOKENS),
    Preset("vllm", "vLLM", "http://localhost:8000/v1", context_tokens=LOCAL_TOKENS),
    Preset("llamacpp", "llama.cpp", "http://localhost:8080/v1", context_tokens=LOCAL_TOKENS),
    Preset(
        "litellm",
        "LiteLLM",
        "http://localhost:4000/v1",
        context_tokens=LOCAL_TOKENS,
        hears="whisper-1",
        draws="gpt-image-2",
        speaks="gpt-4o-mini-tts",
    ),
)

PRESETS = (*REMOTE, *LOCAL)
