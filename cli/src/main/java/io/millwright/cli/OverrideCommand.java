package io.millwright.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.views.OverrideView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code override}: a rule is treated as ok on a node for a time. */
@Command(
    name = "override",
    description =
        "Has a rule treated as ok on a node for a time; what is judged is shown unchanged.")
final class OverrideCommand implements Runnable {
  private static final Entries<OverrideView> ENTRIES =
      new Entries<>("/v1/overrides", Views.OVERRIDES);

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  static CommandLine line(Surroundings around) {
    return new CommandLine(new OverrideCommand())
        .addSubcommand(new Add(around))
        .addSubcommand(ENTRIES.list(around, "Lists the overrides, also those that ended of late."))
        .addSubcommand(ENTRIES.end(around, "Ends an override before its time."));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing: add, list or end");
  }

  /** {@code override add}. */
  @Command(
      name = "add",
      description =
          "Nothing acts on the rule, nobody is called for it, jobs are placed all the same.")
  static final class Add implements Callable<Integer> {
    private final Surroundings around;

    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @Parameters(paramLabel = "N", description = "The node's name.")
    private String node = "";

    @Option(
        names = "--rule",
        paramLabel = "ID",
        description = "As in xid-reboot; every rule without it.")
    private @Nullable String rule;

    @Option(
        names = "--until",
        paramLabel = "T",
        required = true,
        converter = TimeOption.class,
        description = "As in 2026-11-22T15:00:00Z, or 2h from now; it ends by itself.")
    private TimeOption.Given until = new TimeOption.After(Duration.ZERO);

    @Option(names = "--reason", paramLabel = "R", required = true, description = "Why.")
    private String reason = "";

    Add(Surroundings around) {
      this.around = around;
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      ObjectNode wish = Json.object().put("node", node);
      if (rule != null) {
        wish.put("rule", rule);
      }
      wish.put("until_ms", until.ms(around.clock().wall().toEpochMilli())).put("reason", reason);
      byte[] body = wish.toString().getBytes(StandardCharsets.UTF_8);
      ENTRIES.add(connection, view, body);
      return ExitCode.DONE;
    }
  }
}
