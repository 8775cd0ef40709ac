import { greet } from 'greeting';
import { registerBeforeSnapshot } from 'snapshot_restore_node';

const ran = [];
registerBeforeSnapshot(() => ran.push('before'));
const started = await Promise.resolve('awaited at the top');

export const handler = async () => ({ greeting: greet('module'), started, ran });
