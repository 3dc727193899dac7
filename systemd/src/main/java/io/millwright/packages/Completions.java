package io.millwright.packages;

import java.util.ArrayList;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.OptionSpec;

/** What a shell needs to complete a program's verbs and options. */
final class Completions {
  private Completions() {}

  static String bash(Program program) {
    return AutoComplete.bash(program.name(), program.verbs());
  }

  /** zsh reads bash's. */
  static String zsh(Program program) {
    return """
    #compdef %1$s
    autoload -U +X bashcompinit && bashcompinit
    source /usr/share/bash-completion/completions/%1$s
    _bash_complete -o default -F _complete_%1$s
    """
        .formatted(program.name());
  }

  static String fish(Program program) {
    StringBuilder script = new StringBuilder();
    fish(program.name(), program.verbs(), List.of(), script);
    return script.toString();
  }

  private static void fish(
      String program, CommandLine line, List<String> path, StringBuilder script) {
    line.getSubcommands()
        .forEach((name, verb) -> {
          if (verb.getCommandSpec().usageMessage().hidden()) {
            return;
          }
          script.append(
              "complete -c %s -f -n '%s' -a %s -d %s\n"
                  .formatted(program, at(path, line), name, quoted(first(verb))));
          List<String> longer = new ArrayList<>(path);
          longer.add(name);
          fish(program, verb, longer, script);
        });
    for (OptionSpec option : line.getCommandSpec().options()) {
      if (!option.hidden() && option.longestName().startsWith("--") && !path.isEmpty()) {
        script.append(
            "complete -c %s -n '%s' -l %s%s -d %s\n"
                .formatted(
                    program,
                    seen(path),
                    option.longestName().substring(2),
                    option.arity().max() == 0 ? "" : " -r",
                    quoted(first(option.description()))));
      }
    }
  }

  /** Behind these words, and no verb of theirs yet. */
  private static String at(List<String> path, CommandLine line) {
    String verbs = String.join(" ", line.getSubcommands().keySet());
    String none = "not __fish_seen_subcommand_from " + verbs;
    return path.isEmpty() ? none : seen(path) + "; and " + none;
  }

  private static String seen(List<String> path) {
    List<String> words = new ArrayList<>();
    path.forEach(word -> words.add("__fish_seen_subcommand_from " + word));
    return String.join("; and ", words);
  }

  private static String first(CommandLine verb) {
    return first(verb.getCommandSpec().usageMessage().description());
  }

  private static String first(String... description) {
    String text = Ansi.OFF.string(String.join(" ", description)).replaceAll("\\s+", " ").strip();
    int end = text.indexOf(". ");
    return end < 0 ? text : text.substring(0, end);
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
