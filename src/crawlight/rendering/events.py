"""The events of a tab that matter here, with only those members that are read."""

import msgspec


class _Event(msgspec.Struct, rename="camel"):
    """Any event, of which nothing is read."""


class DocumentDone(_Event):
    """The document was parsed, or loaded with all that it asked for."""

    timestamp: float


class Request(_Event):
    """What is asked for."""

    url: str
    url_fragment: str = ""
    method: str = "GET"
    post_data: str = ""
    headers: dict[str, str] = {}


class Response(_Event):
    """What was answered; ``mime_type`` is in lower case, without parameters."""

    url: str
    status: int
    headers: dict[str, str]
    mime_type: str = ""


class RequestWillBeSent(_Event):
    """A request goes out, or follows a redirect. That of a document has its loader as id."""

    request_id: str
    loader_id: str
    request: Request
    timestamp: float
    type: str = ""
    frame_id: str = ""
    redirect_response: Response | None = None


class ResponseReceived(_Event):
    """The head of an answer is here."""

    request_id: str
    response: Response
    timestamp: float
    type: str = ""
    frame_id: str = ""


class DataReceived(_Event):
    """A piece of a body is here: ``data_length`` bytes of it."""

    request_id: str
    data_length: int = 0


class LoadingFinished(_Event):
    """A body is here whole, and was read."""

    request_id: str


class LoadingFailed(_Event):
    """A request came to nothing."""

    request_id: str
    timestamp: float
    error_text: str = ""
    canceled: bool = False
    blocked_reason: str = ""


class RequestPaused(_Event):
    """A request waits for us to let it go on."""

    request_id: str
    request: Request
    resource_type: str = ""


class Frame(_Event):
    """A frame; the one of the tab has no parent."""

    id: str
    loader_id: str
    url: str
    url_fragment: str = ""
    parent_id: str = ""


class FrameNavigated(_Event):
    """A frame has another document."""

    frame: Frame


class NavigatedWithinDocument(_Event):
    """A script has changed the URL of a frame."""

    frame_id: str
    url: str


class Dialog(_Event):
    """The page waits for a person to press a button."""

    type: str
    message: str = ""


class ContextAux(_Event):
    """Where a context belongs."""

    frame_id: str = ""


class Context(_Event):
    """A world of scripts in a frame."""

    id: int
    name: str = ""
    unique_id: str = ""
    aux_data: ContextAux = msgspec.field(default_factory=ContextAux)


class ContextCreated(_Event):
    """A world is there; ours has run its script."""

    context: Context


class ExceptionDetails(_Event):
    """What was thrown."""

    text: str = ""


class ExceptionThrown(_Event):
    """A script failed."""

    exception_details: ExceptionDetails


EVENTS: dict[str, msgspec.json.Decoder[_Event]] = {
    name: msgspec.json.Decoder(kind)
    for name, kind in {
        "Network.requestWillBeSent": RequestWillBeSent,
        "Network.responseReceived": ResponseReceived,
        "Network.dataReceived": DataReceived,
        "Network.loadingFinished": LoadingFinished,
        "Network.loadingFailed": LoadingFailed,
        "Fetch.requestPaused": RequestPaused,
        "Page.frameNavigated": FrameNavigated,
        "Page.navigatedWithinDocument": NavigatedWithinDocument,
        "Page.javascriptDialogOpening": Dialog,
        "Page.domContentEventFired": DocumentDone,
        "Page.loadEventFired": DocumentDone,
        "Runtime.executionContextCreated": ContextCreated,
        "Runtime.exceptionThrown": ExceptionThrown,
        "Runtime.executionContextsCleared": _Event,
        "Inspector.targetCrashed": _Event,
    }.items()
}
