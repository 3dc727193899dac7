package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.PowerOrder;
import io.millwright.agent.launcher.PowerRecord;
import io.millwright.agent.launcher.PowerRule;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Cap;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets power limits, if the node's policy says that they are ours to set: none below its floor, and
 * each device's no more often than it allows. A change counts from before it is made; one that the
 * driver was not told is taken out again.
 *
 * <p><i>Threading:</i> any thread; one change at a time, and whoever comes meanwhile is refused.
 * <i>Failure:</i> a sentence. Of a driver that hangs nothing is known but that it was asked.
 */
final class PowerDesk {
  private static final Logger LOG = LoggerFactory.getLogger(PowerDesk.class);

  /** A program that has to begin, and up to 64 devices; less than the agent waits. */
  static final Duration TO_SET = Duration.ofSeconds(15);

  private static final long MILLI = 1000;
  private static final OptionalLong UNTOLD = OptionalLong.empty();

  private final Path policy;
  private final Path directory;
  private final PowerProgram program;
  private final PowerLedger ledger;
  private final Duration longest;
  private final Clock clock;
  private final Semaphore free = new Semaphore(1);

  /**
   * @param directory of orders, records and changes; root's alone
   */
  PowerDesk(Path policy, Path directory, PowerProgram program, Duration longest, Clock clock) {
    this.policy = policy;
    this.directory = directory;
    this.program = program;
    this.longest = longest;
    this.clock = clock;
    this.ledger = new PowerLedger(directory, clock);
  }

  Answer set(Verb.Power wanted) {
    if (!free.tryAcquire()) {
      return new Answer.Later("another change of power limits is under way; ask again");
    }
    try {
      return switch (PolicyFile.readPower(policy)) {
        case PowerRule.NotOwned(String why) -> new Answer.Refused(why);
        case PowerRule.Owned rule -> set(wanted, rule);
      };
    } catch (IOException trouble) {
      LOG.warn("power limits could not be set", trouble);
      return new Answer.Later("it could not be done: " + trouble.getMessage());
    } finally {
      free.release();
    }
  }

  private Answer set(Verb.Power wanted, PowerRule.Owned rule) throws IOException {
    if (wanted.watts().isPresent() && wanted.watts().getAsLong() < rule.floorWatts()) {
      return new Answer.Refused(
          "watts: '%d' is refused by this node's policy; allowed is from %d"
              .formatted(wanted.watts().getAsLong(), rule.floorWatts()));
    }
    if (program.busy()) {
      return new Answer.Later(
          "an earlier change has not ended: the driver does not answer it; nothing more is asked"
              + " of it before it does");
    }
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    ledger.tidy();
    List<String> claimed = new ArrayList<>();
    List<Cap> caps = new ArrayList<>();
    for (String device : wanted.devices()) {
      ledger
          .claim(device, rule.changesPerHour())
          .ifPresentOrElse(
              why -> caps.add(new Cap(device, "too often: " + why, UNTOLD, UNTOLD)),
              () -> claimed.add(device));
    }
    if (!claimed.isEmpty()) {
      caps.addAll(told(claimed, wanted.watts(), rule));
    }
    return new Answer.Capped(wanted.devices().stream().map(device -> of(caps, device)).toList());
  }

  private static Cap of(List<Cap> caps, String device) {
    return caps.stream()
        .filter(cap -> cap.device().equals(device))
        .findFirst()
        .orElseGet(() -> new Cap(device, "unknown: the record does not name it", UNTOLD, UNTOLD));
  }

  private List<Cap> told(List<String> devices, OptionalLong watts, PowerRule.Owned rule)
      throws IOException {
    OptionalLong milliwatts =
        watts.isPresent() ? OptionalLong.of(watts.getAsLong() * MILLI) : UNTOLD;
    PowerOrder order =
        new PowerOrder(
            UUID.randomUUID().toString(),
            rule.library(),
            devices,
            milliwatts,
            clock.wall().plus(longest).toEpochMilli());
    try {
      order.write(directory);
    } catch (IOException unwritten) {
      for (String device : devices) {
        ledger.release(device); // nothing was told
      }
      throw unwritten;
    }
    boolean ended;
    try {
      ended = program.run(longest);
    } catch (IOException failed) {
      LOG.warn("the program that sets power limits failed", failed);
      return all(devices, "unknown: " + failed.getMessage());
    }
    if (!ended) {
      LOG.error("the driver does not answer a change of power limits devices={}", devices);
      return all(
          devices,
          "unknown: the driver has not answered within %d s; it may do what it was asked by then"
              .formatted(longest.toSeconds()));
    }
    try {
      return recorded(order);
    } catch (IOException unreadable) {
      LOG.warn("what came of a change of power limits is not known", unreadable);
      return all(devices, "unknown: " + unreadable.getMessage());
    }
  }

  private List<Cap> recorded(PowerOrder order) throws IOException {
    Optional<PowerRecord> found = PowerRecord.read(directory, order.id());
    if (found.isEmpty()) {
      return all(order.devices(), "unknown: the program that sets it has left no record");
    }
    PowerRecord done = found.get();
    List<Cap> caps =
        done.trouble().isEmpty()
            ? done.caps()
            : all(order.devices(), "not begun: " + done.trouble());
    for (Cap cap : caps) {
      boolean untold = cap.setMilliwatts().isEmpty() && !refusedByDriver(cap);
      if (untold) {
        ledger.release(cap.device());
      }
      LOG.info(
          "power limit device={} result={} set_mw={} in_force_mw={}",
          cap.device(),
          cap.result(),
          cap.setMilliwatts(),
          cap.inForceMilliwatts());
    }
    return caps;
  }

  /** The driver was told, and what a code such as a time-out leaves behind is not known. */
  private static boolean refusedByDriver(Cap cap) {
    return cap.result().startsWith("refused: ");
  }

  private static List<Cap> all(List<String> devices, String result) {
    return devices.stream().map(device -> new Cap(device, result, UNTOLD, UNTOLD)).toList();
  }
}
