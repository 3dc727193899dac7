package io.millwright.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code audit}: who changed what; {@code audit heads}: what nodes have kept of that log. */
@Command(
    name = "audit",
    description =
        "Lists who changed what, the oldest first, 500 at a time. Needs the role operator.")
final class AuditCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(
      names = "--after",
      paramLabel = "NUMBER",
      description = "Only entries behind this number; from the first on otherwise.")
  private long after;

  AuditCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    view.screen()
        .list(
            Views.AUDIT,
            Fetched.of(connection.collector(), "/v1/audit?since=" + after, Views.AUDIT));
    return ExitCode.DONE;
  }

  static CommandLine line(Surroundings around) {
    return new CommandLine(new AuditCommand(around)).addSubcommand(new Heads(around));
  }

  @Command(
      name = "heads",
      description =
          "Lists what each node has kept of the audit log, and whether the log goes through it. Its JSON is what 'millwright-collector verify-audit --heads' reads. Needs the role operator.")
  static final class Heads implements Callable<Integer> {
    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    Heads(Surroundings around) {
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      view.screen()
          .list(
              Views.AUDIT_HEADS,
              Fetched.of(connection.collector(), "/v1/audit/heads", Views.AUDIT_HEADS));
      return ExitCode.DONE;
    }
  }
}
