"""Pages that come late, and their second half later still."""

import os
import time

from django.http import StreamingHttpResponse


class Late:
    """Waits, sends a page up to its first heading, waits again, and sends the rest."""

    def __init__(self, answer):
        self.answer, self.seconds = answer, float(os.environ["JOURNEYS_LATE"])

    def __call__(self, request):
        answer = self.answer(request)
        if request.method == "POST":
            time.sleep(self.seconds)
        if answer.streaming or not answer.content or "text/html" not in answer.get("Content-Type", ""):
            return answer
        time.sleep(self.seconds)  # whoever pressed a button still sees the page before
        first, main, rest = answer.content.partition(b"<main")
        late = StreamingHttpResponse(self.halves(first, main + rest), status=answer.status_code)
        late.headers, late.cookies = answer.headers, answer.cookies
        return late

    def halves(self, *parts):
        for part in parts:
            yield part
            time.sleep(self.seconds)
