package io.millwright.protocol.vocabulary.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the processes of a run over several nodes meet. */
class RendezvousTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.7", "127.0.0.1", "255.0.0.1", "fd00::7", "::1", "2001:DB8:0:0:0:0:0:1"})
  void anAddressIsOfOneMachine(String text) {
    assertThat(Rendezvous.isAddress(text)).isTrue();
    assertThat(new Rendezvous(text, Rendezvous.FIRST_PORT).address()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n17",
        "n17.site",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.07",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1",
        "fe80::1",
        "fe80::1%eth0",
        "[::1]",
        "10.0.0.7:80",
        "1:2:3",
        "dead:beef:",
        "fd00:1:2:3",
        "1:2:3:4:5:6:7:8:9",
        "fd00::1::2",
        "::10.0.0.7",
        "::ffff:a00:7",
        "0.0.0.1",
        "255.255.255.255",
        "169.254.0.7",
        "239.1.1.1",
        "0:0:0:0:0:0:0:0",
        "febf::1",
        "1",
        "10.7",
        "10.0.0.7\n",
        "unknown",
        "ab"
      })
  void anythingElseIsRefused(String text) {
    assertThat(Rendezvous.isAddress(text)).isFalse();
    assertThatThrownBy(() -> new Rendezvous(text, Rendezvous.FIRST_PORT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("group.address: '")
        .hasMessageEndingWith("' is refused; allowed is " + Rendezvous.ALLOWED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "::1", "0::1", "0:0:0:0:0:0:0:1", "0::0:1"})
  void loopbackIsSoHoweverItIsWritten(String text) {
    assertThat(Rendezvous.isAddress(text)).isTrue();
    assertThat(Rendezvous.isLoopback(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.7", "fd00::1", "127.0.0", "127.example.org", "", "1:2:3"})
  void allElseIsNotLoopback(String text) {
    assertThat(Rendezvous.isLoopback(text)).isFalse();
  }

  @Test
  void eachPairOfPortsIsAnother() {
    Set<Integer> ports = new HashSet<>();
    for (long n = Long.MAX_VALUE; ports.size() < 2 * Rendezvous.PAIRS; n--) {
      Rendezvous meeting = Rendezvous.of("10.0.0.7", n);
      assertThat(ports.add(meeting.port())).as("%s", meeting).isTrue();
      assertThat(meeting.runtime()).isEqualTo("10.0.0.7:" + (meeting.port() + 1));
      ports.add(meeting.port() + 1);
    }
    assertThat(ports).allMatch(port -> port > 60_999 && port <= 65_535);
  }

  @Test
  void aPortIsTheFirstOfAPair() {
    assertThatThrownBy(() -> new Rendezvous("10.0.0.7", 61_201)).hasMessageContaining("even");
    assertThatThrownBy(() -> new Rendezvous("10.0.0.7", 29_500)).hasMessageContaining("from 61200");
    assertThatThrownBy(() -> new Rendezvous("10.0.0.7", 65_536)).hasMessageContaining("to 64998");
  }

  @Test
  void bracketsTellTheAddressFromThePort() {
    assertThat(new Rendezvous("fd00::7", 61_200).runtime()).isEqualTo("[fd00::7]:61201");
  }

  @Test
  void aRankIsOneOfTheMembers() {
    Rendezvous meeting = new Rendezvous("10.0.0.7", 61_200);
    assertThat(new Group(1, 2, meeting).rank()).isEqualTo(1);
    assertThatThrownBy(() -> new Group(2, 2, meeting)).hasMessageContaining("from 0 to 1");
    assertThatThrownBy(() -> new Group(0, 1, meeting)).hasMessageContaining("group.size: '1'");
  }
}
