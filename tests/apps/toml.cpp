#include "cli/toml_guard.hpp"
#include "program.hpp"

using namespace hourglass;

TEST_CASE("a --config file that is not what it should be is refused, with its line and key") {
  const Scratch scratch;
  struct Case {
    const char *text, *line, *expected;
  };
  const Case cases[] = {
      {"hidden = ", "line 1", "expected TOML"},
      {"hidden 5\n", "line 1", "expected TOML"},
      {"hidden = 5 6\n", "line 1", "expected TOML"},
      {"\nhidden = five\n", "line 2", "expected TOML"},
      {"modes = [1, 2\n", "line", "expected TOML"},
      {"noise = \"gaussian\n", "line 1", "expected TOML"},
      {"noise = 'gaussian\"\n", "line", "expected TOML"},
      {"steps = 5\nsteps = 6\n", "line 2", "steps"},
      {"= 5\n", "line 1", "expected TOML"},
      {"[hidden\nsteps = 5\n", "line", "expected TOML"},
      {"steps = 0x\n", "line 1", "expected TOML"},
      {"steps = 08\n", "line 1", "expected TOML"},
      {"rate = 1.\n", "line 1", "expected TOML"},
      {"quiet = yes\n", "line 1", "expected TOML"},
      {"noise = \"\\q\"\n", "line 1", "expected TOML"},
      {"steps = 5\n\x01\n", "line 2", "expected TOML"},
      {"# fine\nstep = 5\n", "line 2", "found 'step', expected the name of an option"},
      {"[linear_dae]\nsteps = 5\n", "line 1", "found 'linear_dae'"},
      {"steps.total = 5\n", "line 1", "steps: expected a string, a number"},
      {"steps = {total = 5}\n", "line 1", "steps: expected a string, a number"},
      {"steps = 1979-05-27\n", "line 1", "found a date or a time"},
      {"steps = 5\nsteps = 5\n", "line 2", "'steps'"},
      {"noise = \"\"\"\nx\"\"\"\n", "line 1", "a string of several lines, expected TOML"},
      {"\xef\xbb\xbfsteps = \xc3\xa4\n", "line 1", "beyond ASCII outside of quotes, expected TOML"},
      {"modes = [[1], [2]]\n", "line 1", "modes: expected a string, a number"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const std::string file = scratch.file("options.toml", c.text);
    const ProgramRun run =
        run_program("linear_dae",
                    "--out '" + (scratch.path() / "out").string() + "' --config " + file, scratch);
    CAPTURE(run.err);
    CHECK(run.status == 2);
    CHECK(run.err.starts_with("linear_dae: " + file + ": "));
    CHECK(run.err.find(c.line) != std::string::npos);
    CHECK(run.err.find(c.expected) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "out"));
  }
}

TEST_CASE("values of the wrong kind in a --config file are refused by their option's name") {
  const Scratch scratch;
  for (const char* text : {"steps = \"many\"", "steps = [1, 2]", "quiet = 7", "hidden = -1",
                           "steps = 1.5", "noise = \"pink\"", "method = 3", "modes = [\"a\"]"}) {
    CAPTURE(text);
    const ProgramRun run = run_program("linear_dae",
                                       "--out '" + (scratch.path() / "out").string() +
                                           "' --config " + scratch.file("options.toml", text),
                                       scratch);
    CAPTURE(run.err);
    CHECK(run.status == 2);
    CHECK(run.err.find(std::string(text).substr(0, std::string(text).find(' '))) !=
          std::string::npos);
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "out"));
  }
}

TEST_CASE("what crashes toml++ is not shown to it") {
  struct Case {
    std::string text;
    std::size_t line;  // 0: it is let through
  };
  const std::string many_dots(100000, '.');
  const Case cases[] = {
      {"", 0},
      {"x = 5\n# \xc3\xa9 = \\\"\ny = \"\xc3\xa9\\\"\xc3\xa9\"\r\n\tz = '\xc3\xa9\"'\n", 0},
      {"\xef\xbb\xbfsteps = 5\n", 0},
      {"x = [0.1, .2, .3, .4, .5, .6, .7, .8, .9, .1, .2, .3, .4, .5, .6, .7, .8, .9]", 0},
      {std::string("[\0\0\0]able]\n1979-05-27T", 21), 1},
      {"epoepochs223372036\xef\xbb\xbd"
       "854775807\n",
       1},
      {"x = [[1], {a = '}]'}] # ]}\n[a]\nb = [\n{}\n]\n", 0},
      {"a = 1\nx = [[}{]]1, }\n", 2},
      {"a = {x = [[1],}\n", 1},
      {"a = 1\n}", 2},
      {"a = 1\nb = 1979-05-27Tsizes07:32:00Z\n", 2},
      {"a = 07:32", 1},
      {"a = 1000e-3 # 1979-05-27\nb-1 = '1979-05-27 07:32'\n", 0},
      {"a = {x = 1]", 1},
      {"a = 1\n\x7f", 2},
      {"a = \"x\x01\"", 1},
      {"a = 1 # \x0b", 1},
      {"a = 1\nb = 2\xc3\xa4", 2},
      {"a = \"x\ny\xc3\xa4", 2},           // a string ends with its line
      {"a = \"x\\\xc3\xa4\"\xc3\xa4", 1},  // no escape
      {"a = \"\"\"\nx", 1},
      {"a = ''''''", 1},
      {"a" + many_dots + "b = 1", 1},
      {"[!b]\n", 1},
      {"a = 1\n [[ \x2e]]", 2},
      {"[ [b]]\n[\"b\"]\n[]", 1},
      {"a = {b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v = 1}", 1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text.substr(0, 60));
    CHECK(toml_problem(c.text).line == c.line);
  }
}
