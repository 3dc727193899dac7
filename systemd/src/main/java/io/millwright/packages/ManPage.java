package io.millwright.packages;

import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A program's manual, as troff with the macros of man(7). */
final class ManPage {
  /** Of each verb, and in no manual of its own. */
  private static final List<String> EVERYWHERE = List.of("--help", "--version");

  private static final Map<String, String> EXITS =
      Map.of(
          "0", "done",
          "1", "failed, or refused by the collector",
          "64", "wrong usage",
          "78", "a configuration or a file that cannot be used");

  private final Program program;
  private final StringBuilder page = new StringBuilder();

  private ManPage(Program program) {
    this.program = program;
  }

  /**
   * The whole page.
   *
   * @param version of the product, for the foot of the page
   */
  static String of(Program program, String version) {
    return new ManPage(program).written(version);
  }

  private String written(String version) {
    CommandSpec spec = program.verbs().getCommandSpec();
    macro(
        "TH %s %d \"\" \"Millwright %s\" \"Millwright\""
            .formatted(
                program.name().toUpperCase(java.util.Locale.ROOT), program.section(), version));
    section("NAME");
    line(program.name() + " - " + program.is());
    section("SYNOPSIS");
    bold(program.name());
    line("VERB [OPTION]...");
    section("DESCRIPTION");
    description(spec);
    section("VERBS");
    verbs(program.verbs(), program.name());
    section("EXIT STATUS");
    List.of("0", "1", "64", "78").forEach(code -> item(code, EXITS.getOrDefault(code, "")));
    files();
    section("SEE ALSO");
    line(String.join(", ", program.also()));
    return page.toString();
  }

  private void files() {
    if (program.files().isEmpty()) {
      return;
    }
    section("FILES");
    program.files().forEach(file -> item(file.path(), file.is()));
  }

  /** Those that do something, and of the others theirs. */
  private void verbs(CommandLine parent, String words) {
    parent
        .getSubcommands()
        .forEach((name, verb) -> {
          if (name.equals("help") || verb.getCommandSpec().usageMessage().hidden()) {
            return;
          }
          String longer = words + " " + name;
          if (verb.getSubcommands().isEmpty()) {
            verb(verb, longer);
          } else {
            verbs(verb, longer);
          }
        });
  }

  private void verb(CommandLine verb, String words) {
    macro("SS " + escaped(words));
    String synopsis = verb.getHelp().abbreviatedSynopsis().strip();
    int options = synopsis.indexOf('[');
    if (options >= 0) {
      line(words + " " + synopsis.substring(options));
      macro("PP");
    }
    description(verb.getCommandSpec());
    for (PositionalParamSpec parameter : verb.getCommandSpec().positionalParameters()) {
      item(parameter.paramLabel(), text(parameter.description()));
    }
    for (OptionSpec option : verb.getCommandSpec().options()) {
      if (!option.hidden() && !EVERYWHERE.contains(option.longestName())) {
        item(names(option), text(option.description()));
      }
    }
  }

  private static String names(OptionSpec option) {
    String names = String.join(", ", option.names());
    return option.arity().max() == 0 ? names : names + " " + option.paramLabel();
  }

  private void description(CommandSpec spec) {
    line(text(spec.usageMessage().description()));
  }

  private static String text(String... lines) {
    return Ansi.OFF.string(String.join(" ", lines)).replaceAll("\\s+", " ").strip();
  }

  private void section(String name) {
    macro("SH " + name);
  }

  private void item(String what, String is) {
    macro("TP");
    bold(what);
    line(is);
  }

  private void bold(String words) {
    macro("B \"" + escaped(words).replace("\"", "\\(dq") + "\"");
  }

  private void macro(String macro) {
    page.append('.').append(macro).append('\n');
  }

  private void line(String text) {
    page.append(escaped(text)).append('\n');
  }

  /** A dash that can be pasted; nothing at the begin of a line that is a macro. */
  private static String escaped(String text) {
    String safe = text.replace("\\", "\\e").replace("-", "\\-");
    return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
  }
}
