package dev.rekindle.engine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlFrameTest {
  @Test
  void decode_takesWhatEncodeWrote() {
    ByteBuffer payload = ByteBuffer.wrap(new byte[] {7, 8, 9});
    ByteBuffer wire = new ControlFrame(ControlFrame.KILL, 0x01020304, payload).encode();
    assertThat(wire.getInt()).isEqualTo(8);
    ControlFrame frame = ControlFrame.decode(wire);
    assertThat(frame.type()).isEqualTo(ControlFrame.KILL);
    assertThat(frame.tag()).isEqualTo(0x01020304);
    assertThat(frame.bytes()).containsExactly(7, 8, 9);
    assertThat(payload.remaining()).as("the caller's payload is left as it was").isEqualTo(3);
  }

  @Test
  void text_readsFromTheCurrentPosition() {
    ByteBuffer payload = ByteBuffer.wrap("1234grün".getBytes(StandardCharsets.UTF_8));
    ControlFrame frame = new ControlFrame(ControlFrame.REPLY, 1, payload);
    payload.getInt();
    assertThat(frame.text()).isEqualTo("grün");
    assertThat(frame.text()).as("reading does not consume").isEqualTo("grün");
  }

  @Test
  void strings_endEachWithNul() {
    assertThat(text(ControlFrame.strings(List.of()))).isEmpty();
    assertThat(text(ControlFrame.strings(List.of("")))).isEqualTo("\0");
    assertThat(text(ControlFrame.strings(List.of("a", "", "ü")))).isEqualTo("a\0\0ü\0");
  }

  @Test
  void strings_withNulInside_areRefusedWithoutBeingShown() {
    assertThatThrownBy(() -> ControlFrame.strings(List.of("KEY=secret\0x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NUL")
        .hasMessageNotContaining("secret");
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }
}
