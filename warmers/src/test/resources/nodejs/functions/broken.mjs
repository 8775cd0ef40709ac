export const handler = ;
