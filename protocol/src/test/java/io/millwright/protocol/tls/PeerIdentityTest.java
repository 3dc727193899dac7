package io.millwright.protocol.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who somebody is, as a URI. */
class PeerIdentityTest {
  @Test
  void isReadAsItIsWritten() {
    List<PeerIdentity> all =
        List.of(
            new PeerIdentity.Node("hall-a", "gpu-07.example.org"),
            new PeerIdentity.Collector("hall-a", "collector-1"),
            new PeerIdentity.Operator("hall-a", Role.ADMIN, "alice@example.org"));

    assertThat(all.stream().map(PeerIdentity::uri))
        .containsExactly(
            "millwright://hall-a/node/gpu-07.example.org",
            "millwright://hall-a/collector/collector-1",
            "millwright://hall-a/operator/admin/alice@example.org");
    assertThat(all).allMatch(one -> PeerIdentity.ofUri(one.uri()).stream().allMatch(one::equals));
    assertThat(all).allMatch(one -> PeerIdentity.ofUri(one.uri()).isPresent());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "millwright://hall-a/node/",
        "millwright://hall-a/node/a/b",
        "millwright://hall-a/node/gpu-07/",
        "millwright://hall-a/node/..",
        "millwright://hall-a/node/gpu%2D07",
        "millwright://hall-a/node/gpu-07?admin",
        "millwright://hall-a/node/gpu-07\n",
        "millwright://hall-a/admin/node/gpu-07",
        "millwright://hall-a/operator/alice",
        "millwright://hall-a/operator/root/alice",
        "millwright://hall-a/operator/ADMIN/alice",
        "millwright://hall-a/authority",
        "millwright:///node/gpu-07",
        "millwright://Hall/node/gpu-07",
        "millwright://hall-a:1/node/gpu-07",
        "MILLWRIGHT://hall-a/node/gpu-07",
        "https://hall-a/node/gpu-07",
      })
  void isNothingElse(String uri) {
    assertThat(PeerIdentity.ofUri(uri)).isEmpty();
  }

  @Test
  void hasTheNamesOfItsKind() {
    assertThatThrownBy(() -> new PeerIdentity.Node("hall-a", "gpu 07\u001b[2J"))
        .hasMessage(
            "node: 'gpu 07?[2J' is refused; allowed is 1 to 253 letters, digits, dots, dashes and"
                + " underscores that begin and end with a letter or digit");
    assertThatThrownBy(() -> new PeerIdentity.Node("7", "gpu-07"))
        .hasMessageStartingWith("site: '7' is refused");
  }

  @Test
  void aRoleIncludesThoseBeforeIt() {
    assertThat(Role.ADMIN.includes(Role.VIEWER)).isTrue();
    assertThat(Role.OPERATOR.includes(Role.OPERATOR)).isTrue();
    assertThat(Role.VIEWER.includes(Role.OPERATOR)).isFalse();
    assertThat(Role.ofWord("operator")).contains(Role.OPERATOR);
    assertThat(Role.ofWord("Operator")).isEmpty();
  }
}
