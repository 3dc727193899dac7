package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.views.PowerView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code power cap}: waits until the node has read back what is in force. */
@Command(
    name = "cap",
    description = {
      "Holds a node's accelerators to a power limit, each of them to so many watts.",
      "Needs the role operator, power.owned of the agent, and the node's own policy, whose floor and"
          + " changes an hour count.",
      "Exit code 1 where one of them is not held to it."
    })
final class PowerCapCommand implements Callable<Integer> {
  private static final String DEFAULT = "default";
  private static final Set<String> HELD = Set.of("done", "unchanged", "clamped");

  private final Surroundings around;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Parameters(paramLabel = "N", description = "The node's name.")
  private String node = "";

  @Option(
      names = "--watts",
      paramLabel = "W",
      required = true,
      description =
          "Watts of each accelerator, of itself alone and not of its module; 'default' takes the cap"
              + " away.")
  private String watts = "";

  @Option(
      names = "--device",
      paramLabel = "UUID",
      description = "An accelerator; may be given several times. All of the node without it.")
  private List<String> devices = new ArrayList<>();

  PowerCapCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    byte[] wish = wish();
    Collector collector = connection.collector();
    String path = "/v1/nodes/" + Collector.part(node) + "/power";
    JsonNode tree = collector.post(path, wish, JsonNode.class);
    PowerView done = collector.view(tree, PowerView.class);
    Screen screen = view.screen();
    screen.rows(Views.POWER, tree, () -> List.of(Views.POWER.table(done.devices(), screen.wide())));
    long failed = done.devices().stream().filter(device -> !HELD.contains(device.result())).count();
    if (failed > 0) {
      around.out().flush();
      around.say(
          "%d of %d accelerators of %s are not held to it: see RESULT"
              .formatted(failed, done.devices().size(), node));
    }
    return failed == 0 ? ExitCode.DONE : ExitCode.FAILED;
  }

  private byte[] wish() {
    ObjectNode tree = Json.object();
    if (watts.equals(DEFAULT)) {
      tree.put("watts", DEFAULT);
    } else if (watts.matches("[1-9][0-9]{0,5}")) {
      tree.put("watts", Integer.parseInt(watts));
    } else {
      throw new ParameterException(
          spec.commandLine(),
          "--watts: '%s' is refused; allowed is a whole number of watts, 1 to 100000, or 'default'"
              .formatted(Printable.text(watts)));
    }
    if (!devices.isEmpty()) {
      devices.forEach(tree.putArray("devices")::add);
    }
    return tree.toString().getBytes(StandardCharsets.UTF_8);
  }
}
