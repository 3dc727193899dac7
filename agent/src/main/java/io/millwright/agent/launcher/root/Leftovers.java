package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.NeuronGrant;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.agent.launcher.verb.Verb;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether somebody still has a Neuron device open that is to be given to a run: its cores are freed
 * only when the last process closes it, and until then the run would fail in its first call
 * (neuron.md section 4.2). Root's processes and the agent's, such as a monitor, are no job's.
 *
 * <p>Where nobody can look, as on a site that has switched the program that reads off, the device
 * is given all the same.
 *
 * <p><i>Threading:</i> any thread; waits for the program that reads.
 */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private final Function<Verb.Read, Answer> reader;
  private final LongPredicate ours;

  /**
   * @param reader asks the program that reads
   * @param ours the users whose processes may have a device open
   */
  Leftovers(Function<Verb.Read, Answer> reader, LongPredicate ours) {
    this.reader = reader;
    this.ours = ours;
  }

  /** Why these devices cannot be given, in one sentence; empty where they can. */
  Optional<String> refusal(NeuronGrant.Given devices) {
    Answer answer = reader.apply(new Verb.ReadHolders());
    if (!(answer instanceof Answer.Holdings seen)) {
      LOG.warn("it was not looked whether Neuron devices are still held: {}", answer);
      return Optional.empty();
    }
    List<String> nodes = devices.numbers().stream().map(number -> "neuron" + number).toList();
    return seen.devices().stream()
        .filter(held -> nodes.contains(held.device()))
        .flatMap(held -> foreign(held).stream())
        .findFirst();
  }

  private Optional<String> foreign(Holding held) {
    return held.holders().stream()
        .filter(holder -> !ours.test(holder.uid()))
        .findFirst()
        .map(holder -> sentence(held.device(), holder));
  }

  private static String sentence(String device, Holder holder) {
    return "devices: %s is still held by process %d (%s) of user %d; allowed is a device that no process has open: end it, or wait until it has ended"
        .formatted(device, holder.pid(), holder.command(), holder.uid());
  }
}
