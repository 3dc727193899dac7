package io.millwright.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.views.WindowView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code maintenance}: windows and holds of a node, a rack or a domain. */
@Command(
    name = "maintenance",
    description = "Windows of maintenance: nobody is called, nothing new is begun, all is watched.")
final class MaintenanceCommand implements Runnable {
  private static final Entries<WindowView> ENTRIES =
      new Entries<>("/v1/maintenance", Views.WINDOWS);

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  static CommandLine line(Surroundings around) {
    return new CommandLine(new MaintenanceCommand())
        .addSubcommand(new Add(around))
        .addSubcommand(ENTRIES.list(around, "Lists the windows, also those that ended of late."))
        .addSubcommand(ENTRIES.end(around, "Ends a window before its time."));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing: add, list or end");
  }

  /** {@code maintenance add}. */
  @Command(
      name = "add",
      description = {
        "Enters a window; one that begins now is a hold. It ends by itself.",
        "A job that could still run when it begins is not begun; what runs goes on, unless --drain"
            + " says otherwise."
      })
  static final class Add implements Callable<Integer> {
    private final Surroundings around;

    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @ArgGroup(multiplicity = "1")
    private Area area = new Area();

    static final class Area {
      @Option(names = "--node", paramLabel = "N", required = true, description = "Of this node.")
      private @Nullable String node;

      @Option(names = "--rack", paramLabel = "N", required = true, description = "Of this rack.")
      private @Nullable String rack;

      @Option(
          names = "--domain",
          paramLabel = "N",
          required = true,
          description = "Of this NVLink domain or UltraServer.")
      private @Nullable String domain;
    }

    @Option(
        names = "--owner",
        paramLabel = "WHO",
        description = "Who answers for it; whoever has the token otherwise.")
    private @Nullable String owner;

    @Option(names = "--reason", paramLabel = "R", required = true, description = "Why.")
    private String reason = "";

    @Option(
        names = "--start",
        paramLabel = "T",
        converter = TimeOption.class,
        description = "As in 2026-11-22T15:00:00Z, or 2h from now; now otherwise.")
    private TimeOption.@Nullable Given start;

    @Option(
        names = "--end",
        paramLabel = "T",
        required = true,
        converter = TimeOption.class,
        description = "As in 2026-11-22T17:00:00Z, or 2h from its start.")
    private TimeOption.Given end = new TimeOption.After(Duration.ZERO);

    @Option(
        names = "--drain",
        paramLabel = "D",
        converter = SpanOption.class,
        description =
            "Nodes are drained so long before the start, and what is left then is stopped.")
    private @Nullable Duration drain;

    Add(Surroundings around) {
      this.around = around;
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      ENTRIES.add(connection, view, wish());
      return ExitCode.DONE;
    }

    private byte[] wish() {
      long now = around.clock().wall().toEpochMilli();
      ObjectNode wish = Json.object();
      put(wish, "node", area.node);
      put(wish, "rack", area.rack);
      put(wish, "domain", area.domain);
      put(wish, "owner", owner);
      wish.put("reason", reason);
      long begins = now;
      if (start != null) {
        begins = start.ms(now);
        wish.put("start_ms", begins);
      }
      wish.put("end_ms", end.ms(begins));
      if (drain != null) {
        wish.put("drain_ahead_ms", drain.toMillis());
      }
      return wish.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ObjectNode wish, String field, @Nullable String given) {
      if (given != null) {
        wish.put(field, given);
      }
    }
  }
}
