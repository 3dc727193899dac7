package io.millwright.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code accelerators}: all of the fleet, or of a node. */
@Command(name = "accelerators", description = "Lists the accelerators.")
final class AcceleratorsCommand implements Callable<Integer> {
  private static final String ALL = "/v1/accelerators";

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(names = "--node", paramLabel = "N", description = "Those of this node only.")
  private @Nullable String node;

  AcceleratorsCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  static String path(String node) {
    return ALL + "?node=" + Collector.part(node);
  }

  @Override
  public Integer call() {
    String path = node == null ? ALL : path(node);
    view.screen()
        .list(Views.ACCELERATORS, Fetched.of(connection.collector(), path, Views.ACCELERATORS));
    return ExitCode.DONE;
  }
}
