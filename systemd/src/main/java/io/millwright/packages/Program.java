package io.millwright.packages;

import java.util.List;
import picocli.CommandLine;

/**
 * An installed program, as its manual and its completions show it.
 *
 * @param name as it is typed
 * @param section of the manual: 1 for users, 8 for administrators
 * @param is what it is, in a line
 * @param verbs its commands, asked of the program's own classes
 * @param files what an administrator looks for, with what it is
 */
record Program(
    String name, int section, String is, CommandLine verbs, List<File> files, List<String> also) {
  Program {
    files = List.copyOf(files);
    also = List.copyOf(also);
    verbs.getCommandSpec().name(name);
  }

  /** A file of the installed program. */
  record File(String path, String is) {}

  /** Those of both packages. */
  static List<Program> all() {
    return List.of(commandLine(), agent(), collector());
  }

  private static Program commandLine() {
    return new Program(
        "millwright",
        1,
        "looks at a fleet of accelerators and gives it work",
        io.millwright.cli.Main.verbs(),
        List.of(),
        List.of("millwright-agent(8)", "millwright-collector(8)"));
  }

  private static Program agent() {
    return new Program(
        "millwright-agent",
        8,
        "the node agent of on-premises AI factories",
        verbs(io.millwright.agent.Main.class, "agent"),
        List.of(
            new File("/etc/millwright/agent.yaml", "the configuration"),
            new File(
                "/etc/millwright/policy.yaml",
                "what jobs may do here; no job runs while it is not there"),
            new File("/etc/default/millwright-agent", "further options of the service"),
            new File("/var/lib/millwright/agent", "the agent's own: credentials and journal"),
            new File("/usr/share/millwright/examples", "a policy to start from")),
        List.of("millwright(1)", "millwright-collector(8)"));
  }

  private static Program collector() {
    return new Program(
        "millwright-collector",
        8,
        "the collector of on-premises AI factories",
        verbs(io.millwright.collector.Main.class, "collector"),
        List.of(
            new File("/etc/default/millwright-collector", "the options of the service"),
            new File(
                "/var/lib/millwright/collector", "the site's authority, credentials, the store")),
        List.of("millwright(1)", "millwright-agent(8)"));
  }

  private static CommandLine verbs(Class<?> main, String daemon) {
    CommandLine found = new CommandLine(main).getSubcommands().get(daemon);
    if (found == null) {
      throw new PackagingException(main.getName() + " has no verb '" + daemon + "'");
    }
    return found;
  }
}
