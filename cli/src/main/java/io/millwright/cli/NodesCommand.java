package io.millwright.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code nodes}: all nodes that have reported. */
@Command(name = "nodes", description = "Lists the nodes.")
final class NodesCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  NodesCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    view.screen().list(Views.NODES, Fetched.of(connection.collector(), "/v1/nodes", Views.NODES));
    return ExitCode.DONE;
  }
}
