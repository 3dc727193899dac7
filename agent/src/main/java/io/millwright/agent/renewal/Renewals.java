package io.millwright.agent.renewal;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Renewal;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the node's certificate renewed at two thirds of its life, and after its end as long as the
 * collector allows; takes up one that somebody else put into its place, too.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #stop} once. <i>Threading:</i> the thread {@code
 * renewal}. <i>Failure:</i> tried again after a minute at first, an hour at last; the log says why
 * when the reason changes.
 */
public final class Renewals {
  private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);
  private static final Duration TURN = Duration.ofSeconds(30);
  private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);

  /** Once the certificate has ended there is no session until it is renewed. */
  private static final Duration LONGEST_WITHOUT_A_SESSION = Duration.ofMinutes(2);

  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  /** A fleet that was installed in one hour does not renew at one moment. */
  private static final Duration SPREAD = Duration.ofHours(1);

  private final String host;
  private final int port;
  private final OwnCredentials own;
  private final List<String> hardware;
  private final Account account;
  private final RandomGenerator random;
  private final Duration every;
  private final Clock clock;
  private final Duration spread;
  private final Thread thread = Threads.platform("renewal", this::run);
  private volatile boolean stopping;
  private volatile @Nullable RenewCall calling;
  private Optional<FileTime> seen = Optional.empty();
  private Duration pause = FIRST_PAUSE;
  private long nextNanos;
  private String told = "";

  /** Where it is written down how that goes. */
  public interface Account {
    /** The certificate in use ends then. */
    void ends(Instant end);

    /**
     * An attempt was made.
     *
     * @param result {@code renewed}, {@code refused} or {@code failed}
     */
    void attempted(String result);
  }

  /**
   * @param host of the collector, as its certificate names it
   * @param port for agents
   * @param hardware by what this machine is known again
   * @param random for the spread and the pauses
   */
  public Renewals(
      String host,
      int port,
      OwnCredentials own,
      List<String> hardware,
      Account account,
      RandomGenerator random,
      Clock clock) {
    this(host, port, own, hardware, account, random, TURN, clock);
  }

  /**
   * @param every so often it looks whether there is something to do
   */
  Renewals(
      String host,
      int port,
      OwnCredentials own,
      List<String> hardware,
      Account account,
      RandomGenerator random,
      Duration every,
      Clock clock) {
    this.every = every;
    this.host = host;
    this.port = port;
    this.own = own;
    this.hardware = List.copyOf(hardware);
    this.account = account;
    this.random = random;
    this.clock = clock;
    this.spread = Duration.ofMillis((long) (random.nextDouble() * SPREAD.toMillis()));
    this.nextNanos = clock.nanos();
  }

  public void start() {
    account.ends(end());
    seen = written();
    thread.start();
  }

  /** Ends what goes on, and waits so long for it. */
  public void stop(Duration longest) {
    stopping = true;
    RenewCall asked = calling;
    if (asked != null) {
      asked.close();
    }
    LockSupport.unpark(thread);
    try {
      thread.join(longest);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Instant end() {
    return own.newest().certificate().getNotAfter().toInstant();
  }

  private void run() {
    while (!stopping) {
      try {
        turn();
      } catch (RuntimeException broken) {
        failed("renewing the certificate broke: " + broken);
        LOG.debug("renewing the certificate broke", broken);
      }
      long until = clock.nanos() + every.toNanos();
      while (!stopping && clock.nanos() - until < 0) {
        clock.parkUntil(until);
      }
    }
  }

  private void turn() {
    takeUp();
    Renewal renewal = Renewal.of(own.newest().certificate());
    if (renewal.isDue(clock.wall().minus(spread)) && clock.nanos() - nextNanos >= 0) {
      ask();
    }
  }

  /** What was put into the place of ours, by {@code join --replace} as a rule. */
  private void takeUp() {
    Optional<FileTime> now = written();
    if (now.isEmpty() || now.equals(seen)) {
      return;
    }
    try {
      Credentials there = Credentials.read(own.directory());
      seen = now;
      if (there.certificate().equals(own.newest().certificate())) {
        return;
      }
      if (!there.identity().equals(own.node())) {
        LOG.warn(
            "the certificate in {} is of another, and is not taken up before a restart: {}",
            own.directory(),
            there.identity().words());
        return;
      }
      own.adopt(there);
      account.ends(end());
      LOG.info("certificate taken up ends={}", end());
    } catch (TlsException unreadable) {
      say("the certificate in %s cannot be taken up".formatted(own.directory()), unreadable);
    }
  }

  private Optional<FileTime> written() {
    Path file = own.directory().resolve(Credentials.IDENTITY_FILE);
    try {
      return Optional.of(Files.getLastModifiedTime(file));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private void ask() {
    if (!Files.isWritable(own.directory())) {
      failed("the agent may not write into " + own.directory() + ", so nothing was asked for");
      return;
    }
    try (RenewCall call = new RenewCall(host, port, own, hardware, clock)) {
      calling = call;
      if (stopping) {
        return;
      }
      switch (call.ask()) {
        case RenewCall.Outcome.Renewed(Credentials next) -> keep(next);
        case RenewCall.Outcome.Refused(String sentence) -> notRenewed("refused", sentence);
        case RenewCall.Outcome.Failed(String sentence) -> failed(sentence);
      }
    } finally {
      calling = null;
    }
  }

  /** On the disk first: a certificate that is lost at a restart was none. */
  private void keep(Credentials next) {
    try {
      next.replace(own.directory());
    } catch (TlsException failure) {
      failed("%s failed: %s".formatted(failure.getMessage(), failure.getCause()));
      return;
    }
    seen = written();
    own.adopt(next);
    pause = FIRST_PAUSE;
    told = "";
    account.ends(end());
    account.attempted("renewed");
    LOG.info("certificate renewed ends={}", end());
  }

  private void failed(String why) {
    notRenewed("failed", why);
  }

  private void notRenewed(String result, String why) {
    if (stopping) {
      return;
    }
    account.attempted(result);
    long millis = pause.toMillis() / 2 + (long) (random.nextDouble() * pause.toMillis() / 2);
    nextNanos = clock.nanos() + Duration.ofMillis(millis).toNanos();
    Duration doubled = pause.multipliedBy(2);
    Duration longest = clock.wall().isAfter(end()) ? LONGEST_WITHOUT_A_SESSION : LONGEST_PAUSE;
    pause = doubled.compareTo(longest) < 0 ? doubled : longest;
    if (!why.equals(told)) {
      told = why;
      LOG.warn("certificate not renewed ends={}: {}", end(), why);
    }
  }

  private void say(String what, TlsException failure) {
    if (!what.equals(told)) {
      told = what;
      LOG.warn(what, failure);
    }
  }
}
