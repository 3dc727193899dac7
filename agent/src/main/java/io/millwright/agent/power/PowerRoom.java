package io.millwright.agent.power;

import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Cap;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Payload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The power limits that were asked for, and what stands.
 *
 * <p>A wish is on the disk before the launcher is asked, and is corrected by what it answers. A
 * limit that the driver has forgotten, because it was loaded anew or the node was booted, is set
 * again: at once, then after ten seconds, then at ever longer intervals up to 43 minutes, until it
 * has stood for an hour; the launcher counts these changes as any others.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, {@link #close} leaves every limit as it is.
 * <i>Threading:</i> the thread {@code power} owns the wishes and waits for the launcher; {@link
 * #cap} from any thread, which never waits. <i>Failure:</i> a sentence in the answer; the node is
 * watched all the same.
 */
public final class PowerRoom implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PowerRoom.class);
  private static final int MOST_WAITING = 16;
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final int MOST_DOUBLINGS = 8;
  private static final Duration STANDS = Duration.ofHours(1);

  /** Results that say nothing of whether the cap is allowed: {@code docs/power.md}. */
  private static final List<String> PASSING = List.of("unknown", "too often", "not begun", "lost");

  private static final Duration OLD = Duration.ofSeconds(15);
  private static final String TOO_OLD =
      "another change took so long that this one was not begun; ask again";

  private final LauncherCall launcher;
  private final WishFile file;
  private final Supplier<Map<String, Standing>> standing;
  private final Clock clock;
  private final Thread thread;
  private final BlockingQueue<Order> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Map<String, Wish> wishes = new LinkedHashMap<>();
  private final Map<String, Attempts> attempts = new HashMap<>();

  /** Somebody waits for an answer. */
  private record Order(
      Frame.CapPower frame, Consumer<Frame.PowerCapped> answer, long arrivedNanos) {}

  /** How often a device was set in vain. */
  private record Attempts(long lastNanos, int count) {
    boolean due(long nowNanos) {
      long pause = PAUSE.toNanos() << Math.min(count - 1, MOST_DOUBLINGS);
      return count == 0 || nowNanos - lastNanos > pause;
    }
  }

  /**
   * @param socket where the launcher is asked
   * @param directory that keeps the wishes
   * @param standing by UUID, of all accelerators that have a limit; from the newest snapshot
   */
  public PowerRoom(
      Path socket, Path directory, Supplier<Map<String, Standing>> standing, Clock clock) {
    this.launcher = new LauncherCall(socket, clock);
    this.file = new WishFile(directory);
    this.standing = standing;
    this.clock = clock;
    this.thread = Threads.platform("power", this::run);
  }

  public void start() {
    try {
      wishes.putAll(file.read());
      LOG.info("power limits are ours to set caps={}", wishes.size());
    } catch (IOException unreadable) {
      LOG.error("the caps that were kept cannot be read directory={}", file, unreadable);
    }
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  /** The words of HELLO. */
  public List<String> capabilities() {
    return List.of(Capability.POWER);
  }

  /**
   * Takes an order.
   *
   * @param answer on the thread {@code power}, or at once where too many wait
   */
  public void cap(Frame.CapPower frame, Consumer<Frame.PowerCapped> answer) {
    Order order = new Order(frame, answer, clock.nanos());
    if (!waiting.offer(order)) {
      answer(order, PowerBody.refused("too many orders wait on this node; ask again"));
    }
  }

  private static void answer(Order order, PowerBody body) {
    order.answer().accept(new Frame.PowerCapped(order.frame().number(), Payload.of(body.json())));
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Order order = waiting.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        if (order != null) {
          answer(order, old(order) ? PowerBody.refused(TOO_OLD) : carriedOut(order.frame()));
        }
        restore();
      } catch (InterruptedException stop) {
        return;
      } catch (RuntimeException | Error e) {
        LOG.error("setting power limits failed", e);
      }
    }
  }

  // ---- an order

  /** Nobody waits for its answer any more. */
  private boolean old(Order order) {
    return clock.nanos() - order.arrivedNanos() > OLD.toNanos();
  }

  private PowerBody carriedOut(Frame.CapPower order) {
    Map<String, Standing> known = standing.get();
    List<String> unseen = order.watts().isEmpty() ? dropped(order.devices(), known) : List.of();
    List<String> devices =
        (order.devices().isEmpty() ? known.keySet().stream() : order.devices().stream())
            .filter(device -> !unseen.contains(device))
            .toList();
    if (devices.isEmpty() && !unseen.isEmpty()) {
      return body(forgotten(unseen));
    }
    Optional<String> strange =
        devices.stream().filter(device -> !known.containsKey(device)).findFirst();
    if (devices.isEmpty()) {
      return PowerBody.refused("no accelerator that has a power limit is seen on this node");
    }
    if (strange.isPresent()) {
      return PowerBody.refused(
          "devices: '%s' is refused; allowed are those of this node that have a power limit: %s"
              .formatted(strange.get(), String.join(", ", known.keySet())));
    }
    try {
      PowerBody done = carriedOut(new Verb.Power(devices, asLong(order.watts())), order.watts());
      return done.refusal().isPresent() ? done : both(done, body(forgotten(unseen)));
    } catch (IllegalArgumentException mistake) {
      return PowerBody.refused(String.valueOf(mistake.getMessage()));
    }
  }

  private static PowerBody both(PowerBody first, PowerBody second) {
    return new PowerBody(
        first.refusal(), Stream.concat(first.caps().stream(), second.caps().stream()).toList());
  }

  /**
   * A cap of a device that is not seen now is taken away as well, or it would come back with it.
   */
  private List<String> dropped(List<String> named, Map<String, Standing> known) {
    List<String> unseen =
        wishes.keySet().stream()
            .filter(device -> !known.containsKey(device))
            .filter(device -> named.isEmpty() || named.contains(device))
            .toList();
    unseen.forEach(wishes::remove);
    if (!unseen.isEmpty()) {
      keep();
    }
    return unseen;
  }

  private static List<Cap> forgotten(List<String> unseen) {
    return unseen.stream()
        .map(device -> new Cap(device, "forgotten: not seen now", none(), none()))
        .toList();
  }

  private static OptionalLong asLong(OptionalInt watts) {
    return watts.isPresent() ? OptionalLong.of(watts.getAsInt()) : none();
  }

  private PowerBody carriedOut(Verb.Power verb, OptionalInt wanted) {
    List<String> devices = verb.devices();
    Map<String, Wish> before = new LinkedHashMap<>(wishes);
    try {
      wanted.ifPresentOrElse(
          watts -> devices.forEach(device -> ask(device, Limit.of(watts))),
          () -> devices.forEach(wishes::remove));
      file.write(wishes);
    } catch (IOException unwritten) {
      LOG.error("a cap could not be kept", unwritten);
      back(before);
      return PowerBody.refused(
          "it could not be kept, and was not begun: " + unwritten.getMessage());
    }
    try {
      return set(verb, wanted, before);
    } catch (IOException broken) {
      LOG.error("what came of a cap is not known", broken);
      return body(devices.stream().map(device -> unknown(device, broken)).toList());
    }
  }

  private void ask(String device, Limit limit) {
    Optional<Limit> before = Optional.ofNullable(wishes.get(device)).flatMap(Wish::agreed);
    wishes.put(device, new Wish.Asked(limit, before));
  }

  /**
   * The wish stands: what the launcher did of it is seen at the device, and set again if need be.
   */
  private static Cap unknown(String device, IOException broken) {
    return new Cap(device, "unknown: the launcher: " + broken.getMessage(), none(), none());
  }

  /** What the launcher could not be asked is not wished. */
  private void back(Map<String, Wish> before) {
    wishes.clear();
    wishes.putAll(before);
    keep();
  }

  private void keep() {
    try {
      file.write(wishes);
    } catch (IOException unwritten) {
      LOG.error("the caps are not kept over a restart", unwritten);
    }
  }

  private PowerBody set(Verb.Power verb, OptionalInt watts, Map<String, Wish> before)
      throws IOException {
    return switch (asked(verb)) {
      case Answer.Capped(List<Cap> caps) -> {
        caps.forEach(cap -> settle(cap, watts, before));
        keep();
        yield body(caps);
      }
      case Answer.Refused(String why) -> refused(why, before);
      case Answer.Later(String why) -> refused(why, before);
      case Answer.Failed(String why) -> refused(why, before);
      case Answer.Done _, Answer.Told _ -> refused("the launcher answered something else", before);
    };
  }

  private PowerBody refused(String why, Map<String, Wish> before) {
    back(before);
    return PowerBody.refused(why);
  }

  private Answer asked(Verb.Power verb) throws IOException {
    Answer answer = launcher.ask(verb);
    long now = clock.nanos();
    verb.devices()
        .forEach(device ->
            attempts.compute(
                device, (id, was) -> new Attempts(now, was == null ? 0 : was.count())));
    return answer;
  }

  private static OptionalLong none() {
    return OptionalLong.empty();
  }

  /** A device that refused keeps the wish it had; of one that did not answer it is not known. */
  private void settle(Cap cap, OptionalInt watts, Map<String, Wish> before) {
    String device = cap.device();
    boolean unknown = cap.result().startsWith("unknown");
    OptionalLong held = held(cap);
    if (held.isEmpty() && !unknown) {
      restoreWish(device, Optional.ofNullable(before.get(device)));
      return;
    }
    attempts.put(device, new Attempts(clock.nanos(), 0));
    if (watts.isEmpty()) {
      wishes.remove(device);
    } else if (held.isPresent()) {
      wishes.put(device, new Wish.Agreed(new Limit(watts.getAsInt(), held.getAsLong())));
    }
  }

  private void restoreWish(String device, Optional<Wish> before) {
    before.ifPresentOrElse(was -> wishes.put(device, was), () -> wishes.remove(device));
  }

  /** What the device was set to, now or before. */
  private static OptionalLong held(Cap cap) {
    if (cap.setMilliwatts().isPresent()) {
      return cap.setMilliwatts();
    }
    boolean stood = cap.result().equals("unchanged") || cap.result().equals("clamped");
    return stood ? cap.inForceMilliwatts() : none();
  }

  private static PowerBody body(List<Cap> caps) {
    return new PowerBody(
        Optional.empty(),
        caps.stream()
            .map(cap ->
                new PowerBody.Cap(
                    cap.device(), cap.result(), cap.setMilliwatts(), cap.inForceMilliwatts()))
            .toList());
  }

  // ---- what was forgotten

  private void restore() {
    agree();
    Map<Integer, List<String>> forgotten = forgotten();
    forgotten.forEach((watts, devices) -> {
      LOG.warn(
          "power limits are no more what they were set to watts={} devices={}", watts, devices);
      try {
        restored(watts, devices);
      } catch (IOException away) {
        devices.forEach(this::vain);
        LOG.warn("power limits could not be set again", away);
      }
    });
  }

  private void restored(int watts, List<String> devices) throws IOException {
    Answer answer = asked(new Verb.Power(devices, OptionalLong.of(watts)));
    devices.forEach(this::vain);
    switch (answer) {
      case Answer.Capped(List<Cap> caps) -> caps.forEach(cap -> restored(watts, cap));
      case Answer.Refused(String why) -> {
        LOG.warn("power limits are not set again: {}", why);
        devices.forEach(this::refused);
      }
      case Answer.Later(String why) -> LOG.warn("power limits could not be set again: {}", why);
      case Answer.Failed(String why) -> LOG.warn("power limits could not be set again: {}", why);
      case Answer.Done _, Answer.Told _ -> LOG.warn("the launcher answered something else");
    }
    keep();
  }

  private void restored(int watts, Cap cap) {
    OptionalLong held = held(cap);
    if (held.isPresent()) {
      wishes.put(cap.device(), new Wish.Agreed(new Limit(watts, held.getAsLong())));
    } else if (PASSING.stream().noneMatch(cap.result()::startsWith)) {
      refused(cap.device());
    }
    LOG.info("power limit set again device={} result={}", cap.device(), cap.result());
  }

  /** One that was agreed on is wished on; of one that never was, the one before it. */
  private void refused(String device) {
    Wish wish = wishes.get(device);
    if (wish instanceof Wish.Asked(Limit limit, Optional<Limit> before)) {
      LOG.warn(
          "a cap is refused, the one before it holds device={} watts={}", device, limit.watts());
      restoreWish(device, before.map(Wish.Agreed::new));
    }
  }

  private void vain(String device) {
    attempts.compute(
        device, (id, was) -> new Attempts(clock.nanos(), was == null ? 1 : was.count() + 1));
  }

  /** What a device is held to was not refused. */
  private void agree() {
    Map<String, Wish> agreed = new HashMap<>();
    wishes.forEach((device, wish) -> {
      if (wish instanceof Wish.Asked(Limit limit, _) && stands(device, limit)) {
        agreed.put(device, new Wish.Agreed(limit));
      }
    });
    if (!agreed.isEmpty()) {
      wishes.putAll(agreed);
      keep();
    }
  }

  /** Read since the device was set last. */
  private boolean stands(String device, Limit limit) {
    Standing now = standing.get().get(device);
    Attempts tried = attempts.get(device);
    return now != null
        && (tried == null || now.readAtNanos() - tried.lastNanos() > 0)
        && now.milliwatts().equals(OptionalLong.of(limit.milliwatts()));
  }

  /** By watts: those whose driver says another limit, read since they were set. */
  private Map<Integer, List<String>> forgotten() {
    Map<Integer, List<String>> forgotten = new LinkedHashMap<>();
    Map<String, Standing> known = wishes.isEmpty() ? Map.of() : standing.get();
    long now = clock.nanos();
    wishes.forEach((device, wish) -> {
      Standing stands = known.get(device);
      if (stands == null || stands.milliwatts().isEmpty()) {
        return;
      }
      Attempts tried = attempts.getOrDefault(device, new Attempts(stands.readAtNanos() - 1, 0));
      if (stands.readAtNanos() - tried.lastNanos() <= 0) {
        return;
      }
      if (stands.milliwatts().getAsLong() == wish.limit().milliwatts()) {
        // it may be another's turn in a moment: a fight over a limit is not fought at our pace
        attempts.computeIfPresent(
            device, (id, was) -> now - was.lastNanos() > STANDS.toNanos() ? null : was);
      } else if (tried.due(now)) {
        forgotten.computeIfAbsent(wish.limit().watts(), watts -> new ArrayList<>()).add(device);
      }
    });
    return forgotten;
  }
}
