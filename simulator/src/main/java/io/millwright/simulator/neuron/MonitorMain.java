package io.millwright.simulator.neuron;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The stand-in for {@code neuron-monitor}: {@code MonitorMain NODE [-c FILE]}. One record a line,
 * the first at once, then one each period of the configuration; periods of single groups are not
 * looked at. Where the node's directory has a file of records they are told over and over instead.
 *
 * <p>It ends with 1 where nobody reads it any more, or the node has ended.
 */
public final class MonitorMain {
  private static final Duration USUAL_PERIOD = Duration.ofSeconds(5);
  private static final Pattern PERIOD = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m)");
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final double MILLIS_A_SECOND = 1000;
  private static final double SECONDS_A_MINUTE = 60;

  private final NeuronNode node;
  private final Clock clock = Clock.system();
  private Duration period = USUAL_PERIOD;
  private List<String> groups = List.of();

  private MonitorMain(NeuronNode node) {
    this.node = node;
  }

  public static void main(String[] arguments) {
    System.err.println("neuron-monitor: SIMULATED by Millwright");
    MonitorMain monitor = new MonitorMain(new NeuronNode(Path.of(arguments[0])));
    System.exit(monitor.run(Arrays.asList(arguments).subList(1, arguments.length)));
  }

  private int run(List<String> arguments) {
    try {
      configure(arguments);
      if (Files.exists(node.replayed())) {
        replay(Files.readAllLines(node.replayed()));
      } else {
        tell();
      }
    } catch (IllegalArgumentException refused) {
      System.err.println("neuron-monitor: " + refused.getMessage());
      return USAGE;
    } catch (IOException e) {
      System.err.println("neuron-monitor: " + e.getMessage());
    }
    return FAILED;
  }

  // ---- configuration

  private void configure(List<String> arguments) throws IOException {
    if (arguments.isEmpty()) {
      return;
    }
    if (arguments.size() != 2 || !arguments.getFirst().equals("-c")) {
      throw new IllegalArgumentException(
          "'" + String.join(" ", arguments) + "' is refused; allowed is -c FILE");
    }
    JsonNode file =
        JsonMapper.builder().build().readTree(Files.readString(Path.of(arguments.getLast())));
    period = period(file.path("period").asText("5s"));
    List<String> wanted = new ArrayList<>();
    for (JsonNode runtime : file.path("neuron_runtimes")) {
      runtime.path("metrics").forEach(metric -> wanted.add(metric.path("type").asText()));
    }
    file.path("system_metrics").forEach(metric -> wanted.add(metric.path("type").asText()));
    groups = wanted.stream().distinct().toList();
  }

  private static Duration period(String given) {
    Matcher form = PERIOD.matcher(given);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "period: '" + given + "' is refused; allowed is a number with ms, s or m, as in 5s");
    }
    double amount = Double.parseDouble(form.group(1));
    double seconds =
        switch (form.group(2)) {
          case "ms" -> amount / MILLIS_A_SECOND;
          case "m" -> amount * SECONDS_A_MINUTE;
          default -> amount;
        };
    return Duration.ofMillis(Math.max(1, Math.round(seconds * MILLIS_A_SECOND)));
  }

  // ---- records

  private void tell() throws IOException {
    String command = "record " + String.join(" ", groups);
    try (ControlClient client = ControlClient.connect(node.controlSocket())) {
      long next = clock.nanos();
      while (print(client.ask(command).getFirst())) {
        next += period.toNanos();
        awaitUntil(next);
      }
    }
  }

  private void replay(List<String> records) {
    if (records.isEmpty()) {
      return;
    }
    long next = clock.nanos();
    for (int i = 0; print(records.get(i)); i = (i + 1) % records.size()) {
      next += period.toNanos();
      awaitUntil(next);
    }
  }

  /** Whether somebody reads it still. */
  private static boolean print(String line) {
    System.out.println(line);
    return !System.out.checkError();
  }

  private void awaitUntil(long nanos) {
    while (clock.nanos() - nanos < 0) {
      clock.parkUntil(nanos);
    }
  }
}
