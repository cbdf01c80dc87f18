import { expect, it } from 'vitest';
import { createNobody } from '../../src/notify/nobody.ts';
import { notification } from './stage.ts';

it('keeps what would have been told, each key once, and sends nothing', async () => {
  const nobody = createNobody(['webhook', 'sns']);
  const deliveries = [
    { receiver: 'webhook', delivered: false, simulated: true, detail: 'not sent: simulated' },
    { receiver: 'sns', delivered: false, simulated: true, detail: 'not sent: simulated' },
  ];
  const later = { ...notification, key: 'later' };
  expect(await nobody.notify(notification)).toEqual(deliveries);
  expect(await nobody.notify(later)).toEqual(deliveries);
  expect(await nobody.notify(notification)).toEqual(deliveries);
  expect(nobody.kept()).toEqual([notification, later]);
});

it('answers nothing where nobody is configured, and keeps it all the same', async () => {
  const nobody = createNobody([]);
  expect(await nobody.notify(notification)).toEqual([]);
  expect(nobody.kept()).toEqual([notification]);
});
