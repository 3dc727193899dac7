package io.millwright.agent.launcher;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;

/**
 * Whose process keeps a device from being given to a run: that of any person. The agent and the
 * users of the system's own services, such as a monitor or NVIDIA's persistence daemon, hold
 * devices for nobody.
 *
 * @param person whether a user's processes count
 */
public record Strangers(LongPredicate person) {
  private static final Pattern NODE = Pattern.compile("(neuron|nvidia)[0-9]{1,4}");

  /**
   * All persons of this node.
   *
   * @param agent the name of the agent's user
   */
  public static Strangers to(String agent) {
    return new Strangers(
        uid -> Policy.person(uid) && UnixUsers.find(agent).filter(a -> a.uid() == uid).isEmpty());
  }

  /** Whether a node is one that {@code read-holders} looks for. */
  public static boolean watched(String node) {
    return NODE.matcher(node).matches();
  }

  /**
   * Who has one of these open, in one sentence; empty where nobody has.
   *
   * @param nodes by their names, {@code nvidia3}
   */
  public Optional<String> among(Answer.Holdings seen, List<String> nodes) {
    return seen.devices().stream()
        .filter(held -> nodes.contains(held.device()))
        .flatMap(held -> stranger(held).stream())
        .findFirst();
  }

  private Optional<String> stranger(Holding held) {
    return held.holders().stream()
        .filter(holder -> person.test(holder.uid()))
        .findFirst()
        .map(holder -> sentence(held.device(), holder));
  }

  private static String sentence(String device, Holder holder) {
    return "devices: %s is still held by process %d (%s) of user %d; allowed is a device that no process has open: end it, or wait until it has ended"
        .formatted(device, holder.pid(), holder.command(), holder.uid());
  }
}
