"""Runs the formulas of py_calc nodes for one engine thread; started by python-child.ts, which has the other half.

One JSON line a request on standard input, one JSON line an answer on standard output, in the same order:
  {"start": {...limits}}                            -> {"ready": {...}}
  {"load": {"program", "files", "formulas", ...}}   -> {} or {"error": {...}}
  {"page": {"program", "rows", "columns", "exact"}} -> {"columns": [...], "failures": [...]} or {"error": {...}}
User code sees neither of the two streams: what it prints goes to standard error.
"""

import json
import linecache
import os
import signal
import sys
import traceback
import types

LIFE_LINE = 3
SAFE = 2**53
TEXT_LIMIT = 500
PAGE = "__capi_page__"
FORMULAS = "<formulas>"

dumps = json.JSONEncoder(allow_nan=False, check_circular=False, separators=(",", ":")).encode


class ExactFloat(float):
    """A decimal that no float holds exactly: counts as the nearest float, and is exact when it is returned as it is."""

    def __new__(cls, text):
        value = float.__new__(cls, text)
        value.exact = text
        return value


def die_with_parent():
    """The kernel ends this process and all that it started once the parent is gone, also in an endless loop."""
    import fcntl

    os.set_inheritable(LIFE_LINE, False)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(LIFE_LINE, fcntl.F_SETOWN, -os.getpgrp())
    flags = fcntl.fcntl(LIFE_LINE, fcntl.F_GETFL)
    fcntl.fcntl(LIFE_LINE, fcntl.F_SETFL, flags | os.O_ASYNC)


def limit_memory(size):
    """Sets the limit and tries it: some systems accept a limit that they do not enforce."""
    import mmap
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    try:
        mmap.mmap(-1, size + mmap.PAGESIZE).close()
    except (OSError, MemoryError, ValueError, OverflowError):
        return
    raise OSError("memory beyond the limit was granted")


def limit_processor_time(seconds):
    """So much more than was used until now."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def start(request):
    refused = []
    limits = [("end with the parent", die_with_parent)]
    if request["memory"]:
        limits.append(("memory limit", lambda: limit_memory(request["memory"])))
    if request["processorTime"]:
        limits.append(("processor time limit", lambda: limit_processor_time(request["processorTime"])))
    for name, apply in limits:
        try:
            apply()
        except Exception as error:
            refused.append("%s (%s)" % (name, error))
    version = "%d.%d.%d" % sys.version_info[:3]
    return {"ready": {"executable": sys.executable, "version": version, "refused": refused}}


class Program:
    """Code files and formulas of one node, compiled once."""

    def __init__(self, request):
        self.fields = [formula["name"] for formula in request["formulas"]]
        self.types = [formula["type"] for formula in request["formulas"]]
        self.inputs = request["inputs"]
        self.files = set()
        self.codes = []
        for item in request["files"]:
            name, text = item["name"], item["text"]
            self.files.add(name)
            linecache.cache[name] = (len(text), None, text.splitlines(True), name)
            self.codes.append(compile(text, name, "exec", dont_inherit=True))
        source, self.first_line = page_source(self.inputs, request["formulas"])
        self.page_code = compile(source, FORMULAS, "exec", dont_inherit=True)

    def fresh_page(self):
        """The page function in a module of its own: what code keeps in its module never outlives a page."""
        module = types.ModuleType("__main__")
        names = module.__dict__
        names["json"] = json
        names["traceback"] = traceback
        sys.modules["__main__"] = module
        for code in self.codes:
            exec(code, names)
        exec(self.page_code, names)
        return names[PAGE]

    def failure(self, row, error):
        """Which formula raised, what, and on which line of which file of the user."""
        found = {"row": row, "field": 0, "error": described(error)}
        step = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            if code.co_name == PAGE and code.co_filename == FORMULAS:
                found["field"] = step.tb_lineno - self.first_line
            elif code.co_filename in self.files:
                found.update(place(code.co_filename, step.tb_lineno))
            step = step.tb_next
        return found


def place(file, line):
    return {"file": file, "line": line, "source": linecache.getline(file, line).strip()[:TEXT_LIMIT]}


def described(error):
    try:
        text = traceback.format_exception_only(type(error), error)[-1].strip()
    except Exception:
        text = type(error).__name__
    return text[:TEXT_LIMIT]


def page_source(inputs, formulas):
    """One function over the rows of a page; the variables are globals, where the functions of the user can see them."""
    variables = [item["variable"] for item in inputs]
    results = [formula["variable"] for formula in formulas]
    lines = ["def %s(__rows__, __failed__):" % PAGE]
    lines.append("    global %s" % ", ".join(variables + results))
    for at in range(len(formulas)):
        lines.append("    __out%d__ = []; __add%d__ = __out%d__.append" % (at, at, at))
    lines.append("    __row__ = -1")
    lines.append("    for %s in __rows__:" % (", ".join(variables) if variables else "__nothing__"))
    lines.append("        __row__ += 1")
    lines.append("        try:")
    first = len(lines) + 1
    for formula in formulas:
        lines.append("            %s = %s" % (formula["variable"], formula["python"]))
    lines.append("        except BaseException as __error__:")
    lines.append("            __failed__(__row__, __error__)")
    lines.append("            continue")
    for at, result in enumerate(results):
        lines.append("        __add%d__(%s)" % (at, result))
    lines.append("    return [%s]" % ", ".join("__out%d__" % at for at in range(len(formulas))))
    return "\n".join(lines) + "\n", first


def exact(text):
    return ExactFloat(text) if "." in text else int(text)


READERS = {
    "float": lambda values: list(map(float, values)),
    "decimal": lambda values: list(map(exact, values)),
}


def page_rows(program, request):
    columns = request["columns"]
    for at, form in enumerate(request["forms"]):
        if form in READERS:
            columns[at] = READERS[form](columns[at])
    if not columns:
        return range(request["rows"])
    return columns[0] if len(columns) == 1 else zip(*columns)


NUMBERS = ("int", "float", "decimal2")


def encoded(values, kind, has_exact):
    """A list as JSON when it holds nothing but what JSON holds exactly, else an object with a form for each value."""
    if not has_exact:
        try:
            if kind not in NUMBERS or not values or (min(values) >= -SAFE and max(values) <= SAFE):
                return dumps(values)
        except Exception:
            pass
    return dumps({"each": [each(value) for value in values]})


def each(value):
    if isinstance(value, ExactFloat):
        return {"number": value.exact}
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if -SAFE <= value <= SAFE else number(value)
    if isinstance(value, float) and value - value == 0:
        return value
    if type(value).__name__ == "Decimal" and value.is_finite():
        return number(value)
    return {"bad": limited(repr, value) if value is None or isinstance(value, float) else shown(value)}


def number(value):
    """Its digits; a text that would have to be cut is no number any more."""
    try:
        text = str(value)
    except ValueError:
        return {"bad": "an int with too many digits"}
    return {"number": text} if len(text) <= TEXT_LIMIT else {"bad": "a number with %d characters" % len(text)}


def limited(write, value):
    try:
        return write(value)[:TEXT_LIMIT]
    except Exception:
        return "?"


def shown(value):
    return "%s %s" % (type(value).__name__, limited(repr, value)[:80])


programs = {}


def load(request):
    try:
        programs[request["program"]] = Program(request)
        return {}
    except SyntaxError as error:
        found = {"error": described(error)}
        if error.filename != FORMULAS and error.filename is not None and error.lineno is not None:
            found.update(place(error.filename, error.lineno))
        return {"error": found}
    except Exception as error:
        return {"error": {"error": described(error)}}


def run_page(request):
    program = programs[request["program"]]
    if request["processorTime"]:
        limit_processor_time(request["processorTime"])
    try:
        page = program.fresh_page()
    except BaseException as error:
        return dumps({"error": program.failure(0, error)})
    failures = []
    outputs = page(page_rows(program, request), lambda row, error: failures.append(program.failure(row, error)))
    has_exact = "decimal" in request["forms"]
    columns = [encoded(values, kind, has_exact) for values, kind in zip(outputs, program.types)]
    return '{"columns":[%s],"failures":%s}' % (",".join(columns), dumps(failures))


def answer(line):
    request = json.loads(line)
    if "page" in request:
        return run_page(request["page"])
    if "load" in request:
        return dumps(load(request["load"]))
    if "forget" in request:
        programs.pop(request["forget"], None)
        return "{}"
    return dumps(start(request["start"]))


def leave():
    """Nobody asks any more. The signal of the life line comes too late for what the code started when this process ends first."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def serve():
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.path[0] = ""
    sys.argv = [""]
    while True:
        line = requests.readline()
        if not line:
            leave()
        try:
            text = answer(line)
        except BaseException as error:
            text = dumps({"error": {"error": described(error)}})
        answers.write(text.encode("ascii") + b"\n")
        answers.flush()


if __name__ == "__main__":
    keep = sys.modules["__main__"]
    serve()
