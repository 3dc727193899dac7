package io.millwright.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code acts}: what policy does, would do, waits for, or asks people for. */
@Command(
    name = "acts",
    description = "Lists what policy did or would have done about verdicts, the newest first.")
final class ActsCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(names = "--node", paramLabel = "N", description = "Of this node alone.")
  private @Nullable String node;

  @Option(
      names = "--requests",
      description = "Only what people are asked for and is open: reboots, exchanges of parts.")
  private boolean requests;

  ActsCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    String path =
        "/v1/acts"
            + (node == null ? "" : "?node=" + Collector.part(node))
            + (requests ? (node == null ? "?" : "&") + "requests=1" : "");
    view.screen().list(Views.ACTS, Fetched.of(connection.collector(), path, Views.ACTS));
    return ExitCode.DONE;
  }
}
