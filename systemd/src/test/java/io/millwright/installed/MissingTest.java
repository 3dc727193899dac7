package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class MissingTest {
  @Test
  void aQuickRunSkipsAndALongOneFails() {
    assertThatThrownBy(() -> Missing.because("no root", false))
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining("no root");
    assertThatThrownBy(() -> Missing.because("no root", true))
        .isInstanceOf(AssertionFailedError.class)
        .hasMessage("./millwright test --long skips nothing: no root");
  }
}
