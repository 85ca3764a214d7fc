"""What a refusal teaches of a model, and what it does not."""

import pytest

from providers.blocks import Image
from providers.errors import NotTaken, RateLimited, ServiceFailed
from providers.wire.sight import Sight
from tests.clock import FakeClock

REFUSALS = [
    "Invalid content type. image_url is only supported by certain models.",
    "No endpoints found that support image input",
    "facebook/opt-125m is not a multimodal model None",
    "At most 0 image(s) may be provided in one prompt.",
    'Failed to parse messages: Unsupported content part type: "image_url"',
    "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
    "Model does not support images. Please use a model that does.",
    "this model does not support image input",
    "Failed to create new sequence: this model is missing data required for image input",
    "Failed to deserialize the JSON body: messages[0]: unknown variant `image_url`, expected `text`",
    "'messages.0' : for 'role:user' the following must be satisfied[('messages.0.content' : value must be a string)]",
    "Input should be 'text'",
    "The model `m` does not support vision",
    "Image input modality is not enabled; images are not supported by this model",
]
OF_ONE_PICTURE = [
    "You uploaded an unsupported image. Please make sure your image is valid.",
    "The image data you provided does not represent a valid image",
    "Could not process image",
    "image exceeds 5 MB maximum: 5316852 bytes > 5242880 bytes",
    "Unable to process input image",
    "this server does not support image format webp",
    "temperature is not supported with this model",
]


def refused(sight: Sight, reason: str, *, has_images: bool = True) -> None:
    with sight.watched("m", has_images=has_images):
        raise ServiceFailed(said=reason, provider="some", status=400)


@pytest.mark.parametrize("reason", REFUSALS)
async def test_a_model_that_refuses_pictures_is_known_from_then_on_and_forgotten_after_an_hour(reason: str) -> None:
    clock = FakeClock()
    sight = Sight(clock)

    with pytest.raises(NotTaken) as caught:
        refused(sight, reason)

    assert (caught.value.provider, caught.value.said) == ("some", reason)
    assert not caught.value.retryable
    assert sight.takes("m") == frozenset()
    assert sight.takes("other") == {Image}
    await clock.advance(3600)
    assert sight.takes("m") == {Image}


@pytest.mark.parametrize("reason", OF_ONE_PICTURE)
def test_a_word_about_one_picture_makes_no_model_blind(reason: str) -> None:
    sight = Sight(FakeClock())

    with pytest.raises(ServiceFailed):
        refused(sight, reason)

    assert sight.takes("m") == {Image}


def test_without_pictures_the_same_words_are_another_failure() -> None:
    sight = Sight(FakeClock())

    with pytest.raises(ServiceFailed):
        refused(sight, REFUSALS[0], has_images=False)

    assert sight.takes("m") == {Image}


def test_other_failures_pass() -> None:
    with pytest.raises(RateLimited), Sight(FakeClock()).watched("m", has_images=True):
        raise RateLimited(said=REFUSALS[0])
