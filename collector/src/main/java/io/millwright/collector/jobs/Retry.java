package io.millwright.collector.jobs;

import io.millwright.collector.placement.Condition;
import io.millwright.collector.placement.DeviceView;
import io.millwright.collector.placement.Duty;
import io.millwright.collector.placement.NodeView;
import io.millwright.protocol.vocabulary.job.RestartRule;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * What a run is that was queued because the one before it failed.
 *
 * @param after the run that failed
 * @param number of the restart, from 1
 * @param notBefore when it may have a place
 * @param avoided where it gets none for a time
 * @param failedOn healthy nodes on which the job's own program failed so far, each once
 */
public record Retry(
    RunId after, int number, Instant notBefore, List<Avoided> avoided, List<String> failedOn) {

  /**
   * @param devices by their UUIDs; none for the whole node
   */
  public record Avoided(String node, List<String> devices, Instant until) {
    public Avoided {
      devices = List.copyOf(devices);
    }
  }

  public Retry {
    avoided = List.copyOf(avoided);
    failedOn = List.copyOf(failedOn);
  }

  /** Whether its back-off is not over; one that is further off than any can be is. */
  public boolean rests(Instant now) {
    return ahead(notBefore, now, Duration.ofMillis(RestartRule.LONGEST_BACKOFF_MS));
  }

  private static boolean ahead(Instant end, Instant now, Duration longest) {
    return now.isBefore(end) && Duration.between(now, end).compareTo(longest) <= 0;
  }

  /** The nodes as this run may use them now. */
  public List<NodeView> offered(List<NodeView> nodes, Instant now) {
    List<Avoided> standing =
        avoided.stream().filter(one -> ahead(one.until(), now, Restarts.AVOIDED)).toList();
    return standing.isEmpty()
        ? nodes
        : nodes.stream().map(node -> offered(node, standing)).toList();
  }

  private NodeView offered(NodeView node, List<Avoided> standing) {
    List<Avoided> here = standing.stream().filter(a -> a.node().equals(node.name())).toList();
    Optional<Avoided> whole = here.stream().filter(a -> a.devices().isEmpty()).findFirst();
    if (whole.isPresent()) {
      String why = "avoided until %s: %s failed there".formatted(until(whole.get()), after.text());
      return node.with(
          node.duty() instanceof Duty.InService ? new Duty.Declining(why) : node.duty());
    }
    return here.isEmpty()
        ? node
        : node.with(node.devices().stream().map(device -> offered(device, node, here)).toList());
  }

  private DeviceView offered(DeviceView device, NodeView node, List<Avoided> here) {
    return here.stream()
        .filter(one -> device.fit() && concerns(one, device, node))
        .findFirst()
        .map(one ->
            device.with(
                new Condition.Unfit(
                    "avoided until %s: %s failed on it".formatted(until(one), after.text()))))
        .orElse(device);
  }

  /** With an instance its GPU is avoided: what failed may have been all of that. */
  private static boolean concerns(Avoided one, DeviceView device, NodeView node) {
    return one.devices().contains(device.uuid())
        || (device.profile().isPresent()
            && node.devices().stream()
                .filter(other -> other.kind() == device.kind() && other.index() == device.index())
                .anyMatch(other -> one.devices().contains(other.uuid())));
  }

  private static Instant until(Avoided one) {
    return one.until().truncatedTo(ChronoUnit.SECONDS);
  }
}
