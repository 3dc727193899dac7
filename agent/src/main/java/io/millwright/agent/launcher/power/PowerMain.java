package io.millwright.agent.launcher.power;

import io.millwright.agent.launcher.PowerOrder;
import io.millwright.agent.launcher.PowerRecord;
import io.millwright.agent.launcher.verb.Answer.Cap;
import io.millwright.drivers.nvml.actuator.Actuator;
import io.millwright.drivers.nvml.actuator.NvmlActuator;
import io.millwright.drivers.nvml.actuator.Outcome;
import io.millwright.drivers.nvml.actuator.PowerLimitChange;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The program as a process: {@code DIRECTORY} holds the order, and gets the record. Exit codes: 0
 * when there is a record, whatever stands in it, 1 when there is no order, 64 usage.
 */
public final class PowerMain {
  private static final int FAILED = 1;
  private static final int USAGE = 64;

  private PowerMain() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      System.err.println("the program that sets power limits takes one argument, its directory");
      System.exit(USAGE);
      return;
    }
    System.exit(run(Path.of(arguments[0])));
  }

  static int run(Path directory) throws IOException {
    Optional<PowerOrder> order = PowerOrder.take(directory);
    if (order.isEmpty()) {
      System.err.println(
          "there is no order in " + directory + ": millwright-launcher writes it, and begins this");
      return FAILED;
    }
    done(order.get()).write(directory);
    return 0;
  }

  private static PowerRecord done(PowerOrder order) {
    return switch (NvmlLibrary.open(order.library())) {
      case NvmlLibrary.Result.Missing(String why) -> refused(order, why);
      case NvmlLibrary.Result.Unusable(String why) -> refused(order, why);
      case NvmlLibrary.Result.Opened(NvmlLibrary library) -> done(order, library);
    };
  }

  private static PowerRecord refused(PowerOrder order, String why) {
    return new PowerRecord(order.id(), why, List.of());
  }

  private static PowerRecord done(PowerOrder order, NvmlLibrary library) {
    return switch (NvmlActuator.open(library)) {
      case NvmlActuator.Opened.Refused refusal ->
          refused(order, "the driver does not answer: " + refusal.word());
      case NvmlActuator.Opened.Ready(Actuator opened) -> {
        try (Actuator actuator = opened) {
          yield done(order, actuator);
        }
      }
    };
  }

  private static PowerRecord done(PowerOrder order, Actuator actuator) {
    List<Cap> caps = new ArrayList<>();
    Clock clock = Clock.system();
    for (String device : order.devices()) {
      if (clock.wall().toEpochMilli() > order.untilMs()) {
        caps.add(
            new Cap(
                device,
                "not begun: its time was over",
                OptionalLong.empty(),
                OptionalLong.empty()));
        continue;
      }
      PowerLimitChange change = actuator.powerLimit(device, order.milliwatts());
      caps.add(new Cap(device, word(change.outcome()), change.set(), change.inForce()));
    }
    return new PowerRecord(order.id(), "", caps);
  }

  private static String word(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done() -> "done";
      case Outcome.Unchanged() -> "unchanged";
      case Outcome.Clamped() -> "clamped";
      case Outcome.Overruled() -> "overruled";
      case Outcome.NeedsRoot() -> "needs root";
      case Outcome.Unsupported() -> "unsupported";
      case Outcome.NoDevice() -> "no such device";
      case Outcome.Lost() -> "lost";
      case Outcome.Refused refused -> "refused: " + refused.word();
    };
  }
}
