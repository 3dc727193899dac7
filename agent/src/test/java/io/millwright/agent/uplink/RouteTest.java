package io.millwright.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.HostPort;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where an agent seeks its collector, whatever collectors say. */
class RouteTest {
  private static final HostPort HOME = new HostPort("home", 9462);

  private long nanos;

  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return nanos;
        }

        @Override
        public Instant wall() {
          return Instant.EPOCH;
        }

        @Override
        public void parkUntil(long until) {
          throw new AssertionError("nobody waits here");
        }
      };

  private final Route route = new Route(HOME, clock);

  private void at(String place) {
    assertThat(route.place()).hasToString(place);
  }

  @Test
  void aNodeThatIsSentNowhereStaysAtHome() {
    at("home:9462");
    route.ended();
    at("home:9462");
    route.opened();
    route.ended();
    at("home:9462");
  }

  @Test
  void thePlacesAreTriedInTurnAndHomeIsOneOfThem() {
    route.opened();
    assertThat(route.sent(List.of("b:1", "[2001:db8::7]:2"))).isTrue();
    at("b:1");
    route.ended();
    at("[2001:db8::7]:2");
    route.ended();
    at("home:9462");
    route.ended();
    at("b:1");
  }

  @Test
  void afterASessionElsewhereHomeComesFirst() {
    route.opened();
    assertThat(route.sent(List.of("a:1", "b:1", "c:1"))).isTrue();
    route.ended();
    at("b:1");
    route.opened();
    route.ended();
    at("home:9462");
    route.ended();
    at("a:1");
  }

  @Test
  void aSessionAtHomeForgetsTheOthers() {
    route.opened();
    assertThat(route.sent(List.of("b:1"))).isTrue();
    route.ended();
    at("home:9462");
    route.opened();
    route.ended();
    at("home:9462");
    route.ended();
    at("home:9462");
  }

  /** The session there ends as any other, then. */
  @Test
  void aRedirectElsewhereThatIsNotFollowedLeadsHome() {
    route.opened();
    assertThat(route.sent(List.of("a:1", "b:1"))).isTrue();
    assertThat(route.away()).isTrue();
    route.opened();
    assertThat(route.sent(List.of("no address"))).isFalse();
    route.ended();
    at("home:9462");
    assertThat(route.away()).isFalse();
  }

  /** Two collectors that send nodes to each other for ever. */
  @Test
  void aLoopEndsAtHomeAndMayBeginAnewLater() {
    for (int again = 0; again < 3; again++) {
      for (int i = 0; i < Route.MOST; i++) {
        route.opened();
        assertThat(route.sent(List.of("b" + i + ":1"))).isTrue();
        at("b" + i + ":1");
      }
      route.opened();
      nanos += Route.WITHIN.toNanos();
      assertThat(route.sent(List.of("z:1"))).isFalse();
      route.ended();
      at("home:9462");
      route.ended();
      at("home:9462");
      nanos += 1;
    }
  }

  @Test
  void whatIsNoAddressOrTheSameIsNotFollowed() {
    route.opened();
    assertThat(route.sent(List.of("", "b", "b:0", "b:65536", "b:1:2", "..:1", "home:9462")))
        .isFalse();
    route.ended();
    at("home:9462");
    assertThat(route.sent(List.of("b", "c:7"))).isTrue();
    at("c:7");
  }

  /** Whatever happens, home is tried again within nine attempts, and redirects are few. */
  @Test
  void homeIsNeverForgotten() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("RouteTest seed " + seed);
    Random random = new Random(seed);
    int away = 0;
    List<Long> followed = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      nanos += random.nextLong(Duration.ofMinutes(1).toNanos());
      away = route.place().equals(HOME) ? 0 : away + 1;
      assertThat(away).isLessThanOrEqualTo(8 * Route.MOST + 8);
      if (random.nextBoolean()) {
        route.opened();
      }
      List<String> addresses = new ArrayList<>();
      for (int k = random.nextInt(12) - 3; k > 0 && addresses.size() < 8; k--) {
        addresses.add("p" + random.nextInt(12) + ":1");
      }
      if (addresses.isEmpty() || !route.sent(addresses)) {
        route.ended();
      } else {
        followed.add(nanos);
        long within = followed.stream().filter(at -> nanos - at <= Route.WITHIN.toNanos()).count();
        assertThat(within).isLessThanOrEqualTo(Route.MOST);
        followed.removeIf(at -> nanos - at > Route.WITHIN.toNanos());
      }
    }
  }
}
