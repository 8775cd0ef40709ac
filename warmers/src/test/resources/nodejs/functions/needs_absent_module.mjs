import { absent } from 'nowhere-to-be-found'; export const handler = absent;
